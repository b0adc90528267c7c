FROM php:8.3-apache
COPY public /var/www/html
RUN docker-php-ext-install pdo_mysql
ENV APACHE_DOCUMENT_ROOT=/var/www/html
RUN sed -ri -e 's!/var/www!/srv!g' /etc/apache2/sites-available/*.conf
