# Whether a variable's value extends the base's: { prepend = "/app/bin"; } or { append = "/share/man"; }.
value: value ? prepend || value ? append
