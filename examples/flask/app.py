"""A page that says hello, and whether it is well."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello from a container.\n"


@app.get("/health")
def health():
    return {"ok": True}
