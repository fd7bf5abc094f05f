"""The reference of the measurements: figures served as a tutorial of Flask, peewee and marshmallow
would serve them, with indexes and no history. Written before anything was made faster, and not to
be touched since: `python -m tests.benchmarks.tutorial DATABASE RELEASE…` fills it.
"""

import json
import os
import sys

from flask import Flask, abort, jsonify, request
from marshmallow import EXCLUDE, Schema, fields, validate
from peewee import CharField, IntegerField, Model, SqliteDatabase, TextField
from playhouse.sqlite_ext import JSONField

db = SqliteDatabase(os.environ.get("TUTORIAL_DATABASE"), pragmas={"journal_mode": "wal"})
app = Flask(__name__)


class Figure(Model):
    id = CharField(primary_key=True)
    measure = CharField(index=True)
    event = CharField(index=True)
    place = CharField(index=True)
    asserted = CharField(index=True)
    stance = CharField(index=True)
    modality = CharField()
    coverage = CharField()
    value = IntegerField(index=True)
    quantifier = CharField()
    form = CharField()
    printed = CharField()
    unit = CharField()
    note = TextField(null=True)
    counted = JSONField()
    attribution = JSONField()
    evidence = JSONField()

    class Meta:
        database = db


class EvidenceSchema(Schema):
    source, part, sha256 = fields.String(), fields.String(), fields.String()
    start, end = fields.Integer(), fields.Integer()


class FigureSchema(Schema):
    id, measure, event, place = fields.String(), fields.String(), fields.String(), fields.String()
    asserted, stance, modality = fields.String(), fields.String(), fields.String()
    coverage, quantifier, form = fields.String(), fields.String(), fields.String()
    printed, unit, note = fields.String(), fields.String(), fields.String()
    value = fields.Integer(validate=validate.Range(min=0))
    counted = fields.Dict()
    attribution = fields.List(fields.Dict())
    evidence = fields.List(fields.Nested(EvidenceSchema))


class PageSchema(Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    measure, event, place = fields.String(), fields.String(), fields.String()
    asserted, stance, value = fields.String(), fields.String(), fields.Integer()

    class Meta:
        unknown = EXCLUDE


@app.before_request
def connect():
    db.connect(reuse_if_open=True)


@app.teardown_request
def close(error):
    db.close()


@app.get("/figures")
def page():
    asked = PageSchema().load(request.args)
    number, limit = asked.pop("page"), asked.pop("limit")
    query = Figure.select().order_by(Figure.id)
    for name, value in asked.items():
        query = query.where(getattr(Figure, name) == value)
    data = FigureSchema(many=True).dump(query.paginate(number, limit))
    return jsonify(data=data, total=query.count(), page=number)


@app.get("/figures/<id>")
def one(id):
    figure = Figure.get_or_none(Figure.id == id)
    return jsonify(FigureSchema().dump(figure)) if figure else abort(404)


def main(database, *releases):
    db.init(database)
    db.create_tables([Figure])
    columns = set(Figure._meta.fields)
    for path in releases:
        with open(path) as file, db.atomic():
            for line in map(json.loads, file):
                if line.get("kind") != "figures":
                    continue
                if "remove" in line:
                    Figure.delete_by_id(line["remove"])
                    continue
                record = {k: v for k, v in line["record"].items() if k in columns}
                record |= {"event": line["record"]["of"]["event"]}
                record |= {"place": line["record"]["place"]["id"]}
                record |= {"asserted": line["record"]["asserted"]["date"]}
                Figure.replace(**record).execute()


if __name__ == "__main__":
    main(*sys.argv[1:])
