"""The five endpoints as the original serves them: its stack on its narrow tables.

Flask, SQLAlchemy's objects and Flask-Limiter in the process's memory, as pypistats.org
has them; a row becomes an object and then a dictionary. Needs the group ``benchmarks``.
"""

import os
from typing import Any

from flask import Flask, Response, abort, g, jsonify, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy

from pypistats_site.serve import THREADS

RECENT = ("day", "month", "week")


db = SQLAlchemy()
app = Flask("original")
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace(
    "postgres://", "postgresql+psycopg2://", 1
)
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": THREADS}
app.secret_key = "only for benchmarks"  # noqa: S105
db.init_app(app)
Limiter(get_remote_address, app=app, default_limits=["1000000000/second"])


class Recent(db.Model):  # type: ignore[misc,name-defined]
    __tablename__ = "reference_recent"
    package = db.Column(db.String(128), primary_key=True)
    category = db.Column(db.String(8), primary_key=True)
    downloads = db.Column(db.BigInteger)


def _series(kind: str) -> Any:
    members = {
        "__tablename__": f"reference_{kind}",
        "date": db.Column(db.Date, primary_key=True),
        "package": db.Column(db.String(128), primary_key=True),
        "category": db.Column(db.String(16), primary_key=True),
        "downloads": db.Column(db.BigInteger),
    }
    return type(kind, (db.Model,), members)


KINDS = ("overall", "python_major", "python_minor", "system")
SERIES = {kind: _series(kind) for kind in KINDS}


def know_the_user() -> None:
    g.user = session.get("user_id")


def recent(package: str) -> Response:
    found = Recent.query.filter_by(package=package).all()
    if not found:
        abort(404)
    data = {f"last_{category}": 0 for category in RECENT}
    for row in found:
        data[f"last_{row.category}"] = row.downloads
    return jsonify({"data": data, "package": package, "type": "recent_downloads"})


def series(package: str, kind: str) -> Response:
    table = SERIES[kind]
    query = table.query.filter_by(package=package)
    found = query.order_by(table.category, table.date).all()
    if not found:
        abort(404)
    data = [
        {"date": str(row.date), "category": row.category, "downloads": row.downloads}
        for row in found
    ]
    return jsonify({"data": data, "package": package, "type": f"{kind}_downloads"})


app.before_request(know_the_user)
app.add_url_rule("/api/packages/<package>/recent", view_func=recent)
app.add_url_rule("/api/packages/<package>/<kind>", view_func=series)
