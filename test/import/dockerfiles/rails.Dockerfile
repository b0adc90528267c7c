FROM ruby:3.3-slim
RUN apt-get update -qq && apt-get install --yes postgresql-client nodejs
WORKDIR /rails
COPY . .
RUN bundle install
COPY entrypoint.sh /usr/bin/
RUN chmod +x /usr/bin/entrypoint.sh
ENTRYPOINT ["entrypoint.sh"]
EXPOSE 3000
CMD ["rails", "server", "-b", "0.0.0.0"]
