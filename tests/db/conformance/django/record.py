"""Runs queries of the neutral form with Django's own ORM, and writes rows with what came out.

    python3 record.py FOLDER generate COUNT SEED > rows.jsonl    random queries over FOLDER/schema.json and data.json
    python3 record.py FOLDER record < rows.jsonl > rows.jsonl    the same queries, their outcomes recorded again

Needs Django 3.2 or newer. On SQLite, or on the empty database of DJANGO_DATABASE, an entry of DATABASES as JSON.
`tests/conformance/orm/README.md` describes the form.
"""
import datetime
import decimal
import hashlib
import json
import operator
import os
import sys
import types
from functools import reduce

import django
from django.apps import AppConfig, apps
from django.conf import settings

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(
    DATABASES={"default": json.loads(os.environ.get("DJANGO_DATABASE", "null")) or SQLITE},
    INSTALLED_APPS=[],
    USE_TZ=True,
    TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.core.exceptions import FieldError, MultipleObjectsReturned, ObjectDoesNotExist, ValidationError  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import IntegrityError, NotSupportedError, connection, models, transaction  # noqa: E402
from django.db.models import functions  # noqa: E402
from django.db.models.deletion import ProtectedError  # noqa: E402
from django.db.models.sql.query import Query  # noqa: E402

MODELS = {}

COLUMNS = {
    "char": lambda f, o: models.CharField(max_length=f["max_length"], **o),
    "text": lambda f, o: models.TextField(**o),
    "integer": lambda f, o: models.IntegerField(**o),
    "float": lambda f, o: models.FloatField(**o),
    "boolean": lambda f, o: models.BooleanField(**o),
    "decimal": lambda f, o: models.DecimalField(max_digits=f["max_digits"], decimal_places=f["decimal_places"], **o),
    "date": lambda f, o: models.DateField(**o),
    "datetime": lambda f, o: models.DateTimeField(**o),
    "time": lambda f, o: models.TimeField(**o),
    "duration": lambda f, o: models.DurationField(**o),
    "json": lambda f, o: models.JSONField(**o),
}
TYPES = {
    "char": models.CharField(max_length=200),
    "text": models.TextField(),
    "integer": models.IntegerField(),
    "float": models.FloatField(),
    "boolean": models.BooleanField(),
    "decimal": models.DecimalField(max_digits=20, decimal_places=6),
    "date": models.DateField(),
    "datetime": models.DateTimeField(),
    "time": models.TimeField(),
    "duration": models.DurationField(),
    "json": models.JSONField(),
}


def literal(value):
    """A value of the neutral form as Python's."""
    if isinstance(value, list):
        return [literal(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$decimal" in value:
        return decimal.Decimal(value["$decimal"])
    if "$date" in value:
        return datetime.date.fromisoformat(value["$date"])
    if "$datetime" in value:
        return datetime.datetime.fromisoformat(value["$datetime"].replace("Z", "+00:00"))
    if "$time" in value:
        return datetime.time.fromisoformat(value["$time"])
    if "$duration" in value:
        return datetime.timedelta(seconds=value["$duration"])
    return {key: literal(item) for key, item in value.items()}


def plain(value):
    """A value of Python's in the neutral form."""
    if isinstance(value, datetime.datetime):
        return {"$datetime": value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")}
    if isinstance(value, datetime.date):
        return {"$date": value.isoformat()}
    if isinstance(value, datetime.time):
        return {"$time": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {"$duration": value.total_seconds()}
    if isinstance(value, decimal.Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def field(spec):
    options = {"null": spec.get("null", False), "unique": spec.get("unique", False)}
    if "default" in spec:
        default = spec["default"]
        options["default"] = (lambda: dict(default)) if isinstance(default, dict) else literal(default)
    if "to" not in spec:
        return COLUMNS[spec["type"]](spec, options)
    related = {"related_name": spec["related_name"]} if "related_name" in spec else {}
    to = "self" if spec["to"] == "self" else "shop." + spec["to"]
    if spec["type"] == "m2m":
        through = {"through": "shop." + spec["through"]} if "through" in spec else {}
        if "symmetrical" in spec:
            related["symmetrical"] = spec["symmetrical"]
        return models.ManyToManyField(to, **through, **related)
    make = models.OneToOneField if spec["type"] == "one_to_one" else models.ForeignKey
    return make(to, on_delete=getattr(models, spec["on_delete"]), null=options["null"], **related)


def load(folder):
    """Makes the models and the tables, and loads the data."""
    schema = json.load(open(folder + "/schema.json"))
    module = types.ModuleType("shop")
    module.__file__ = __file__
    app = AppConfig("shop", module)
    app.models = apps.all_models["shop"]
    app.apps = apps
    apps.app_configs["shop"] = app  # reverse relations are those of installed apps only
    for name, spec in schema["models"].items():
        meta = type("Meta", (), {"app_label": "shop", "unique_together": spec.get("unique_together", [])})
        attributes = {key: field(each) for key, each in spec["fields"].items()}
        MODELS[name] = type(name, (models.Model,), {"__module__": "shop.models", "Meta": meta, **attributes})
    apps.clear_cache()
    with connection.schema_editor() as editor:
        for model in MODELS.values():
            editor.create_model(model)
    data = json.load(open(folder + "/data.json"))
    with transaction.atomic():
        for name, table in data["models"].items():
            raw = [isinstance(f, models.JSONField) for f in (column(MODELS[name], c) for c in table["columns"])]
            for row in table["rows"]:
                values = [item if is_raw else literal(item) for item, is_raw in zip(row, raw)]
                MODELS[name](**dict(zip(table["columns"], values))).save(force_insert=True)
        for key, links in data["m2m"].items():
            name, attribute = key.split(".")
            descriptor = getattr(MODELS[name], attribute)
            through, f = descriptor.through, descriptor.field
            through.objects.bulk_create(
                [through(**{f.m2m_column_name(): a, f.m2m_reverse_name(): b}) for a, b in links]
            )
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.all_models["shop"].values()):
            cursor.execute(statement)


def column(model, name):
    return next((f for f in model._meta.concrete_fields if name in (f.name, f.attname)), None)


# ---------------------------------------------------------------- conditions and expressions


def value(given):
    if isinstance(given, dict):
        if "expr" in given:
            return expression(given["expr"])
        if "query" in given:
            return build(given["query"])
    if isinstance(given, list):
        return [value(item) for item in given]
    return literal(given)


def condition(cond):
    if "lookup" in cond:
        return models.Q(**{cond["lookup"]: value(cond["value"])})
    if "not" in cond:
        return ~condition(cond["not"])
    if "cond" in cond:
        return models.Q(expression(cond["cond"]))
    if "xor" in cond:
        parts = [condition(part) for part in cond["xor"]]
        return reduce(lambda a, b: (a & ~b) | (~a & b), parts)
    name = "and" if "and" in cond else "or"
    parts = [condition(part) for part in cond[name]]
    return reduce(operator.and_ if name == "and" else operator.or_, parts) if parts else models.Q()


NUMBERED = ("Lag", "Lead", "NthValue", "Ntile")  # they take a number of rows, not an expression
OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod, "^": operator.pow,
}


def expression(expr):
    output = TYPES.get(expr.get("as"))
    if "f" in expr:
        return models.F(expr["f"])
    if "v" in expr:
        return models.Value(literal(expr["v"]), output_field=output)
    if "outer" in expr:
        return models.OuterRef(expr["outer"])
    if "op" in expr:
        left, right = (expression(arg) for arg in expr["args"])
        return OPERATORS[expr["op"]](left, right)
    if "agg" in expr:
        options = {"distinct": True} if expr.get("distinct") else {}
        if "filter" in expr:
            options["filter"] = condition(expr["filter"])
        arg = expr["arg"] if expr["arg"] == "*" else expression(expr["arg"])
        return getattr(models, expr["agg"])(arg, **options)
    if "fn" in expr:
        make = getattr(functions, expr["fn"])
        if "fields" in expr:
            return make(**{key: expression(each) for key, each in expr["fields"].items()})
        numbers = expr["fn"] in NUMBERED
        args = [arg["v"] if numbers and "v" in arg else expression(arg) for arg in expr.get("args", [])]
        return make(*args, **({"output_field": output} if output else {}))
    if "case" in expr:
        branches = [models.When(condition(each["when"]), then=expression(each["then"])) for each in expr["case"]]
        default = expression(expr["default"]) if "default" in expr else None
        return models.Case(*branches, default=default, **({"output_field": output} if output else {}))
    if "exists" in expr:
        return models.Exists(build(expr["exists"]))
    if "subquery" in expr:
        return models.Subquery(build(expr["subquery"]), **({"output_field": output} if output else {}))
    if "cast" in expr:
        return functions.Cast(expression(expr["cast"]), output)
    if "wrap" in expr:
        return models.ExpressionWrapper(expression(expr["wrap"]), output)
    if "trunc" in expr:
        special = {"date": functions.TruncDate, "time": functions.TruncTime}.get(expr["trunc"])
        arg = expression(expr["arg"])
        return special(arg) if special else functions.Trunc(arg, expr["trunc"])
    if "extract" in expr:
        return functions.Extract(expression(expr["arg"]), expr["extract"])
    if "q" in expr:
        return models.ExpressionWrapper(condition(expr["q"]), output_field=models.BooleanField())
    if "window" in expr:
        frame = {"frame": models.RowRange(*expr["rows"])} if "rows" in expr else {}
        return models.Window(
            expression(expr["window"]),
            partition_by=[expression(each) for each in expr.get("partition_by", [])] or None,
            order_by=[models.F(e.lstrip("-")).desc() if e.startswith("-") else models.F(e).asc() if isinstance(e, str) else e for e in orders(expr.get("order_by", []))] or None,
            **frame,
        )
    raise ValueError(expr)


def orders(items):
    result = []
    for item in items:
        if isinstance(item, str):
            result.append(item)
            continue
        options = {"nulls_" + item["nulls"]: True} if item.get("nulls") else {}
        expr = expression(item["expr"])
        result.append(expr.desc(**options) if item.get("desc") else expr.asc(**options))
    return result


# ---------------------------------------------------------------- queries


def build(query):
    rows = MODELS[query["model"]].objects.all()
    for op, *args in query["ops"]:
        rows = apply(rows, op, args)
    return rows


def named(items):
    return {name: expression(expr) for name, expr in items.items()}


def apply(rows, op, args):
    if op in ("filter", "exclude"):
        return getattr(rows, op)(condition(args[0]))
    if op in ("annotate", "alias"):
        return getattr(rows, op)(**named(args[0]))
    if op == "order_by":
        return rows.order_by(*orders(args[0]))
    if op in ("reverse", "distinct", "none"):
        return getattr(rows, op)()
    if op == "slice":
        return rows[args[0] : args[1]]
    if op in ("union", "intersection", "difference"):
        options = args[1] if len(args) > 1 else {}
        return getattr(rows, op)(*(build(each) for each in args[0]), **options)
    if op in ("select_related", "prefetch_related", "only", "defer"):
        return getattr(rows, op)(*args[0])
    if op == "values":
        return rows.values(*args[0], **(named(args[1]) if len(args) > 1 else {}))
    if op == "values_list":
        return rows.values_list(*args[0], flat=len(args) > 1 and args[1].get("flat", False))
    if op == "relation_where":
        inside = models.Q(**{f"{args[0]}__{args[1]['lookup']}": value(args[1]["value"])})
        return rows.annotate(narrowed=models.FilteredRelation(args[0], condition=inside))
    if op in ("dates", "datetimes"):
        return getattr(rows, op)(*args)
    raise ValueError(op)


def shaped(row, shape):
    if row is None:
        return None
    result = {name: plain(getattr(row, name)) for name in shape.get("fields", [])}
    for name, inner in shape.get("one", {}).items():
        try:
            result[name] = shaped(getattr(row, name), inner)
        except ObjectDoesNotExist:
            result[name] = None
    for name, inner in shape.get("many", {}).items():
        items = sorted(getattr(row, name).all(), key=lambda item: item.pk)
        result[name] = [shaped(item, inner) for item in items]
    return result


def rows_of(query):
    rows = list(build(query))
    if "shape" in query:
        return [shaped(row, query["shape"]) for row in rows]
    if any(op[0] in ("values", "values_list", "dates", "datetimes") for op in query["ops"]):
        return plain(rows)
    names = list(dict.fromkeys(name for op in query["ops"] if op[0] == "annotate" for name in op[1]))
    return [[row.pk, *(plain(getattr(row, name)) for name in names)] if names else row.pk for row in rows]


def values(given):
    return {name: value(item) for name, item in given.items()}


def deleted(outcome):
    total, per_model = outcome
    return {"total": total, "per_model": {label.split(".")[1]: n for label, n in per_model.items() if n}}


def run(query):
    model, do = MODELS[query["model"]], query.get("do", "rows")
    if do == "rows":
        return rows_of(query)
    if do in ("count", "exists"):
        return getattr(build(query), do)()
    if do in ("first", "last"):
        row = getattr(build(query), do)()
        return None if row is None else row.pk
    if do == "get":
        return build(query).get().pk
    if do in ("earliest", "latest"):
        return getattr(build(query), do)(*query["fields"]).pk
    if do == "in_bulk":
        return sorted(build(query).in_bulk(query["ids"]))
    if do == "aggregate":
        return plain(build(query).aggregate(**named(query["aggregate"])))
    if do == "update":
        return build(query).update(**values(query["set"]))
    if do == "delete":
        return deleted(build(query).delete())
    if do == "create":
        return model.objects.create(**values(query["values"])).pk
    if do in ("get_or_create", "update_or_create"):
        _, created = getattr(model.objects, do)(defaults=values(query.get("defaults", {})), **values(query["lookup"]))
        return {"created": created}
    if do == "save":
        row = model.objects.get(pk=query["pk"])
        for name, item in values(query["set"]).items():
            setattr(row, name, item)
        row.save(update_fields=query.get("update_fields"))
        return None
    if do == "delete_one":
        return deleted(model.objects.get(pk=query["pk"]).delete())
    raise ValueError(do)


ERRORS = (FieldError, ValidationError, ObjectDoesNotExist, MultipleObjectsReturned, ProtectedError, IntegrityError, NotSupportedError)
NAMES = {ObjectDoesNotExist: "DoesNotExist"}


def outcome(query):
    """What a query gives; None where Django fails in a way that has no name in the neutral form."""
    try:
        with transaction.atomic():
            return {"result": run(query)}
    except ERRORS as error:
        kind = next(kind for kind in ERRORS if isinstance(error, kind))
        return {"error": NAMES.get(kind, kind.__name__)}
    except Exception as error:
        print(f"{type(error).__name__}: {error}: {json.dumps(query)[:300]}", file=sys.stderr)
        return None


class Accident(Exception):
    """
    Which table of the outer query an exclude() refers to hung on names alone: an alias of the inner query that is
    by chance called as another of the outer one, or is not called as the one that is meant.
    """


split_exclude, trim_start = Query.split_exclude, Query.trim_start


def watched_trim_start(query, names_with_path):
    result = trim_start(query, names_with_path)
    alias = query.select[0].alias
    Query.trimmed = (alias, getattr(query.alias_map[alias], "join_field", None))
    return result


def watched_split_exclude(query, filter_expr, can_reuse, names_with_path):
    known = dict(query.alias_map)
    result = split_exclude(query, filter_expr, can_reuse, names_with_path)
    alias, field = Query.trimmed
    fields = {name: getattr(known[name], "join_field", None) for name in can_reuse if name in known}
    if fields.get(alias, field) != field or (alias not in fields and field in fields.values()):
        raise Accident
    return result


Query.trim_start, Query.split_exclude = watched_trim_start, watched_split_exclude


class Undo(Exception):
    pass


def recorded(row):
    """The row with its outcome; None where a part of it has none."""
    if "query" in row:
        expect = outcome(row["query"])
        return expect and {**row, "expect": expect}
    steps = []
    try:
        with transaction.atomic():
            steps = [outcome(step) for step in row["steps"]]
            raise Undo
    except Undo:
        pass
    return None if None in steps else {**row, "expect": {"steps": steps}}


def main():
    folder, command = sys.argv[1:3]
    load(folder)
    if command == "record":
        rows = (json.loads(line) for line in sys.stdin if line.strip())
    else:
        from generate import generate

        rows = generate(folder, int(sys.argv[3]), sys.argv[4])
    for row in rows:
        row = recorded(row)
        if row is None:
            continue
        content = json.dumps(row.get("query") or row["steps"], sort_keys=True)
        row = {"id": "queries-" + hashlib.sha1(content.encode()).hexdigest()[:10], **row}
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
