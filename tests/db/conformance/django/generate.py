"""Random queries of the neutral form over a schema and its data."""
import json
import random

KINDS = {"char": "text", "text": "text", "integer": "number", "float": "number", "decimal": "number"}
DATED = ("date", "datetime")


EXTRA = ["window", "delete", "dates", "order", "over", "twice", "extreme", "names", "shape", "function", "outer", "either"]
EXTRA += ["neighbours", "conditional", "computed", "nested", "compared", "together", "having", "keys", "whether", "narrowed"]
KINDS_OF_QUERIES = [
    *["rows", "rows", "distinct", "count", "annotate", "group", "values", "expr", "aggregate", "set-op"],
    *["filtered-annotation", "exists", "sliced", "update", *EXTRA],
]


class Generator:
    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.schema = json.load(open(folder + "/schema.json"))["models"]
        self.data = json.load(open(folder + "/data.json"))["models"]
        self.relations = {name: {} for name in self.schema}
        for name, spec in self.schema.items():
            for key, field in spec["fields"].items():
                if "to" not in field:
                    continue
                single = field["type"] != "m2m"
                self.relations[name][key] = (field["to"], single)
                back = "one" if field["type"] == "one_to_one" else "many"
                if "related_name" in field:
                    self.relations[field["to"]][field["related_name"]] = (name, back == "one")

    # ------------------------------------------------------------ names

    def chance(self, p):
        return self.random.random() < p

    def columns(self, model, types=None):
        """Plain columns of a model: (name, type)."""
        found = [(key, f["type"]) for key, f in self.schema[model]["fields"].items() if "to" not in f]
        found.append(("id", "integer"))
        return [each for each in found if types is None or each[1] in types]

    def path(self, model, types=None, single=False, depth=2):
        """A path to a column: (path, type, model, name, whether it passes a relation to many)."""
        for _ in range(50):
            at, steps, many = model, [], False
            for _ in range(self.random.choice([0, 0, 1, 1, 2])):
                if len(steps) >= depth:
                    break
                options = [(k, v) for k, v in self.relations[at].items() if v[1] or not single]
                if not options:
                    break
                key, (to, one) = self.random.choice(options)
                steps.append(key)
                many = many or not one
                at = to
            columns = self.columns(at, types)
            if columns:
                name, kind = self.random.choice(columns)
                return "__".join([*steps, name]), kind, at, name, many
        return "id", "integer", model, "id", False

    def relation(self, model, single=None):
        options = [k for k, v in self.relations[model].items() if single is None or v[1] == single]
        return self.random.choice(options) if options else None

    def sample(self, model, name):
        """A value of the column, as the data has it."""
        if name == "id":
            return self.random.randint(1, len(self.data[model]["rows"]) + 1)
        at = self.data[model]["columns"].index(name)
        values = [row[at] for row in self.data[model]["rows"] if row[at] is not None]
        return self.random.choice(values) if values else None

    # ------------------------------------------------------------ conditions

    def lookup(self, model, depth=2):
        if self.chance(0.12):
            name = self.relation(model)
            if name is not None:
                if self.chance(0.5):
                    return {"lookup": name + "__isnull", "value": self.chance(0.5)}
                return {"lookup": name, "value": self.random.randint(1, 30)}
        path, kind, at, name, _ = self.path(model, depth=depth)
        if self.chance(0.1):
            return {"lookup": path + "__isnull", "value": self.chance(0.5)}
        if kind == "json":
            # Across outer joins older versions of SQLite err: NOT (a = b AND c IS NOT NULL) loses rows without c.
            return self.json_lookup(name, model, name) if at == model else self.lookup(model, depth)
        value = self.sample(at, name)
        if value is None:
            return {"lookup": path + "__isnull", "value": True}
        if kind == "boolean":
            return {"lookup": path, "value": value}
        if kind in DATED and self.chance(0.4):
            part = self.random.choice(["year", "month", "day", "week_day", "quarter", "week"])
            top = {"year": 2026, "month": 12, "day": 28, "week_day": 7, "quarter": 4, "week": 52}[part]
            low = 2015 if part == "year" else 1
            end = self.random.choice(["", "__gte", "__lt", "__in"])
            given = self.random.randint(low, top)
            return {"lookup": f"{path}__{part}{end}", "value": [given, given + 1] if end == "__in" else given}
        if KINDS.get(kind) == "text":
            word = str(value)
            cut = sorted(self.random.randint(0, len(word)) for _ in range(2))
            piece = word[cut[0] : cut[1]] or word[:1]
            op = self.random.choice(
                ["", "", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "in", "gt", "lte"]
            )
            if op == "in":
                return {"lookup": path + "__in", "value": [word, str(self.sample(at, name))]}
            given = piece if "with" in op or "contains" in op else word
            return {"lookup": path + ("__" + op if op else ""), "value": given}
        op = self.random.choice(["", "gt", "gte", "lt", "lte", "in", "range"])
        if op in ("in", "range"):
            pair = [value, self.sample(at, name)]
            if op == "range":
                pair.sort(key=lambda v: float(v["$decimal"]) if isinstance(v, dict) and "$decimal" in v else str(v) if isinstance(v, dict) else v)
            return {"lookup": f"{path}__{op}", "value": pair}
        if not op and self.chance(0.15) and KINDS.get(kind) == "number":
            other = self.path(at, types=("integer", "float", "decimal"), single=True, depth=1)
            return {"lookup": path + "__gte", "value": {"expr": {"f": "__".join([*path.split("__")[:-1], other[0]])}}}
        return {"lookup": path + ("__" + op if op else ""), "value": value}

    def json_lookup(self, path, at, name):
        """A key of a JSON value, or the value itself."""
        value = self.sample(at, name)
        if not isinstance(value, dict) or not value or self.chance(0.15):
            return {"lookup": path + "__isnull", "value": self.chance(0.5)}
        if self.chance(0.15):
            return {"lookup": path + "__has_key", "value": self.random.choice(list(value))}
        while isinstance(value, dict) and value:
            key = self.random.choice(list(value))
            path, value = f"{path}__{key}", value[key]
        if path.split("__")[1:] and self.nulls(at, name, path):  # on SQLite Django takes a JSON null for nothing at all
            return {"lookup": path + "__isnull", "value": self.chance(0.5)}
        if value is None or isinstance(value, (list, dict, bool)):
            return {"lookup": path + "__isnull", "value": self.chance(0.5)}
        if isinstance(value, str):
            op = self.random.choice(["", "", "__icontains", "__startswith", "__iexact"])
            return {"lookup": path + op, "value": value[:3] if op in ("__icontains", "__startswith") else value}
        return {"lookup": path + self.random.choice(["", "__gt", "__lte"]), "value": value}

    def nulls(self, model, name, path):
        """Whether a JSON null stands at the path in some row."""
        at = self.data[model]["columns"].index(name)
        for row in self.data[model]["rows"]:
            value = row[at]
            for key in path.split("__")[1:]:
                value = value.get(key, 0) if isinstance(value, dict) else 0
            if value is None:
                return True
        return False

    def condition(self, model, depth=2):
        if depth == 0 or self.chance(0.45):
            return self.lookup(model)
        kind = self.random.choice(["and", "or", "or", "not", "in", "exists"])
        if kind == "not":
            inner = self.condition(model, depth - 1)
            return inner if "not" in inner else {"not": inner}  # twice over, versions of Django differ
        if kind == "in":
            name = self.relation(model)
            if name is None:
                return self.lookup(model)
            to = self.relations[model][name][0]
            ops = [["filter", self.lookup(to)], ["values", ["id"]]]
            return {"lookup": name + "__in", "value": {"query": {"model": to, "ops": ops}}}
        if kind == "exists":
            many = [k for k, f in self.schema.items() for n, g in f["fields"].items() if g.get("to") == model and g["type"] == "fk"]
            if not many:
                return self.lookup(model)
            to = self.random.choice(many)
            key = self.random.choice([n for n, g in self.schema[to]["fields"].items() if g.get("to") == model and g["type"] == "fk"])
            ops = [["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}], ["filter", self.lookup(to, depth=1)]]
            return {"cond": {"exists": {"model": to, "ops": ops}}}
        return {kind: [self.condition(model, depth - 1) for _ in range(self.random.randint(2, 3))]}

    # ------------------------------------------------------------ expressions

    def aggregate(self, model, many=True):
        name = self.random.choice(["Count", "Count", "Sum", "Avg", "Min", "Max"])
        if name == "Count":
            relation = self.relation(model)
            arg = {"f": relation} if relation and self.chance(0.6) else {"f": self.path(model)[0]}
            expr = {"agg": "Count", "arg": arg}
            if self.chance(0.5):
                expr["distinct"] = True
        elif name in ("Sum", "Avg"):
            expr = {"agg": name, "arg": {"f": self.path(model, types=("integer", "decimal", "float"))[0]}}
        else:
            expr = {"agg": name, "arg": {"f": self.path(model, types=("integer", "decimal", "float", "date", "datetime", "char"))[0]}}
        if self.chance(0.3):
            expr["filter"] = self.condition(model, 1)
        return expr

    def expression(self, model):
        """An expression of one row: no relation to many."""
        kind = self.random.choice(["number", "text", "case", "coalesce", "extract", "trunc", "length", "q", "subquery"])
        path = lambda *types: {"f": self.path(model, types=types or None, single=True)[0]}  # noqa: E731
        if kind == "number":
            return {"op": self.random.choice("+-*"), "args": [path("integer"), {"v": self.random.randint(1, 9)}]}
        if kind == "text":
            return {"fn": self.random.choice(["Lower", "Upper", "Reverse", "Trim"]), "args": [path("char", "text")]}
        if kind == "length":
            return {"fn": "Length", "args": [path("char", "text")]}
        if kind == "coalesce":
            return {"fn": "Coalesce", "args": [path("char"), {"v": "none"}]}
        if kind == "extract":
            return {"extract": self.random.choice(["year", "month", "day", "week", "quarter", "week_day"]), "arg": path("date", "datetime")}
        if kind == "trunc":
            return {"trunc": self.random.choice(["year", "month", "quarter", "week", "day"]), "arg": path("date")}
        if kind == "q":
            name = self.path(model, types=("integer", "boolean"), single=True)
            value = self.sample(name[2], name[3])
            return {"q": {"lookup": name[0], "value": 1 if value is None else value}}
        if kind == "subquery":
            many = [(k, n) for k, f in self.schema.items() for n, g in f["fields"].items() if g.get("to") == model and g["type"] == "fk"]
            if many:
                to, key = self.random.choice(many)
                ops = [
                    ["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}],
                    ["order_by", [self.random.choice(["pk", "-pk"])]],
                    ["values", [self.random.choice(self.columns(to, ("integer", "char", "date")))[0]]],
                    ["slice", 0, 1],
                ]
                return {"subquery": {"model": to, "ops": ops}}
        when = [{"when": self.singles(model), "then": {"v": i, "as": "integer"}} for i in range(self.random.randint(1, 2))]
        return {"case": when, "default": {"v": -1, "as": "integer"}, "as": "integer"}

    def singles(self, model):
        """A condition without relations to many."""
        for _ in range(50):
            cond = self.lookup(model)
            at, many = model, False
            for part in cond["lookup"].split("__"):
                to = self.relations[at].get(part)
                if to is None:
                    break
                many = many or not to[1]
                at = to[0]
            if not many and not isinstance(cond["value"], dict):
                return cond
        return {"lookup": "pk__gt", "value": 3}

    # ------------------------------------------------------------ queries

    def filters(self, model, most=3):
        return [
            [self.random.choice(["filter", "filter", "exclude"]), self.condition(model)]
            for _ in range(self.random.randint(0, most))
        ]

    def query(self):
        model = self.random.choice(list(self.schema))
        kind = self.random.choice(KINDS_OF_QUERIES)
        ops = self.filters(model)
        if kind in EXTRA:
            return getattr(self, kind.replace("-", "_"))(model, ops)
        if kind == "rows":
            order = self.path(model, types=("integer", "char", "date", "datetime", "boolean", "decimal"), single=True)[0]
            ops.append(["order_by", [self.random.choice(["", "-"]) + order, "pk"]])
            return kind, {"model": model, "ops": ops}, True
        if kind == "distinct":
            return kind, {"model": model, "ops": [*ops, ["distinct"], ["order_by", ["pk"]]]}, True
        if kind in ("count", "exists"):
            if self.chance(0.4):
                ops.append(["distinct"])
            return kind, {"model": model, "ops": ops, "do": kind}, False
        if kind == "annotate":
            names = {name: self.aggregate(model) for name in "xy"[: self.random.randint(1, 2)]}
            return kind, {"model": model, "ops": [*ops, ["annotate", names], ["order_by", ["pk"]]]}, True
        if kind == "filtered-annotation":
            agg = self.aggregate(model)
            if agg["agg"] not in ("Count", "Avg"):
                agg = {"agg": "Count", "arg": {"f": self.relation(model) or "id"}}
            more = [["annotate", {"x": agg}], [self.random.choice(["filter", "exclude"]), {"lookup": "x__gte", "value": self.random.randint(1, 4)}]]
            return kind, {"model": model, "ops": [*ops, *more, ["order_by", ["pk"]]]}, True
        if kind == "group":
            by = self.path(model, types=("char", "boolean", "date", "integer"), single=True)[0]
            names = {name: self.aggregate(model) for name in "xy"[: self.random.randint(1, 2)]}
            more = [["order_by", []], ["values", [by]], ["annotate", names]]
            if self.chance(0.3):
                more.append(["filter", {"lookup": "x__isnull", "value": False}])
            return kind, {"model": model, "ops": [*ops, *more]}, False
        if kind == "values":
            paths = list(dict.fromkeys(self.path(model, types=("char", "integer", "date", "boolean", "decimal"))[0] for _ in range(self.random.randint(1, 3))))
            more = [[self.random.choice(["values", "values_list"]), paths]]
            if self.chance(0.4):
                more.append(["distinct"])
            return kind, {"model": model, "ops": [*ops, *more]}, False
        if kind == "expr":
            names = {name: self.expression(model) for name in "xy"[: self.random.randint(1, 2)]}
            return kind, {"model": model, "ops": [*ops, ["annotate", names], ["order_by", ["pk"]]]}, True
        if kind == "aggregate":
            return kind, {"model": model, "ops": ops, "do": "aggregate", "aggregate": {"x": self.aggregate(model), "y": self.aggregate(model)}}, False
        if kind == "set-op":
            part = lambda: {"model": model, "ops": [*self.filters(model, 2), ["values_list", ["id"], {"flat": True}]]}  # noqa: E731
            op = self.random.choice(["union", "intersection", "difference"])
            return kind, {"model": model, "ops": [*part()["ops"], [op, [part()]], ["order_by", ["id"]]]}, True
        if kind == "sliced":
            low = self.random.randint(0, 6)
            ops = [*ops, ["distinct"], ["order_by", ["pk"]], ["slice", low, low + self.random.randint(1, 8)]]
            if self.chance(0.3):
                return kind, {"model": model, "ops": ops, "do": "count"}, False
            return kind, {"model": model, "ops": ops}, True
        integers = [name for name, _ in self.columns(model, ("integer",)) if name != "id" and not self.schema[model]["fields"][name].get("unique") and name != "number"]
        if not integers:
            return "count", {"model": model, "ops": ops, "do": "count"}, False
        name = self.random.choice(integers)
        # Older versions of SQLite see rows that the same statement has changed already, in a subquery.
        ops = [op for op in ops if name not in json.dumps(op)]
        change = {"expr": {"op": "+", "args": [{"f": name}, {"v": 1}]}} if self.chance(0.5) else 3
        steps = [{"model": model, "ops": ops, "do": "update", "set": {name: change}}]
        steps.append({"model": model, "ops": [["order_by", ["pk"]], ["values_list", ["id", name]]]})
        return "update", steps, True


    def window(self, model, ops):
        by = self.path(model, types=("integer", "date", "char", "boolean"), single=True)[0]
        number = self.path(model, types=("integer", "decimal"), single=True)[0]
        window = self.random.choice(
            [
                {"fn": "RowNumber", "args": []},
                {"fn": "Rank", "args": []},
                {"fn": "DenseRank", "args": []},
                {"agg": "Sum", "arg": {"f": number}},
                {"agg": "Count", "arg": {"f": "id"}},
                {"agg": "Max", "arg": {"f": number}},
            ]
        )
        ranks = window.get("fn") in ("Rank", "DenseRank")
        expr = {"window": window, "partition_by": [{"f": by}], "order_by": [number] if ranks else ["id"]}
        if "agg" in window and self.chance(0.4):
            expr["rows"] = self.random.choice([[None, 0], [-1, 0], [-2, 1], [0, None]])
        return "window", {"model": model, "ops": [*ops, ["annotate", {"x": expr}], ["order_by", ["pk"]]]}, False

    def delete(self, model, ops):
        ops = ops or [["filter", {"lookup": "id__lte", "value": self.random.randint(1, 9)}]]
        steps = [{"model": model, "ops": ops, "do": "delete"}]
        steps += [{"model": name, "ops": [], "do": "count"} for name in self.schema]
        return "delete", steps, False

    def dates(self, model, ops):
        columns = self.columns(model, ("date", "datetime"))
        if not columns:
            return "dates", {"model": model, "ops": ops, "do": "count"}, False
        name, kind = self.random.choice(columns)
        unit = self.random.choice(["year", "month", "day"])
        op = "dates" if kind == "date" else "datetimes"
        return "dates", {"model": model, "ops": [*ops, [op, name, unit, self.random.choice(["ASC", "DESC"])]]}, True

    def order(self, model, ops):
        expr = self.random.choice(
            [
                {"fn": "Length", "args": [{"f": self.path(model, types=("char",), single=True)[0]}]},
                {"f": self.path(model, types=("date", "integer", "decimal", "char"), single=True)[0]},
                {"fn": "Lower", "args": [{"f": self.path(model, types=("char",), single=True)[0]}]},
            ]
        )
        item = {"expr": expr, "desc": self.chance(0.5), "nulls": self.random.choice(["first", "last"])}
        ops = [*ops, ["order_by", [item, self.random.choice(["pk", "-pk"])]]]
        return "order", {"model": model, "ops": [*ops, ["reverse"]] if self.chance(0.2) else ops}, True

    def over(self, model, ops):
        """Aggregates over rows that are computed, cut or distinct."""
        column = self.random.choice(self.columns(model, ("integer",)))[0]
        if self.chance(0.4):
            ops = [*ops, ["annotate", {"n": self.aggregate(model)}]]
            arg = {"f": "n"} if ops[-1][1]["n"]["agg"] == "Count" else {"f": column}
        else:
            ops = [*ops, ["distinct"], ["order_by", ["pk"]], ["slice", 0, self.random.randint(1, 20)]]
            arg = {"f": column}
        items = {"x": {"agg": self.random.choice(["Sum", "Avg", "Max"]), "arg": arg}, "y": {"agg": "Count", "arg": "*"}}
        return "over", {"model": model, "ops": ops, "do": "aggregate", "aggregate": items}, False

    def twice(self, model, ops):
        """Annotated, filtered by it, annotated again."""
        first, second = self.expression(model), self.aggregate(model)
        while "q" in first:  # Django 3.2 writes NOT a IS NOT NULL
            first = self.expression(model)
        more = [["annotate", {"x": first}], ["filter", {"lookup": "x__isnull", "value": False}], ["annotate", {"y": second}]]
        if self.chance(0.4):
            more.append([self.random.choice(["filter", "exclude"]), self.lookup(model)])
        return "twice", {"model": model, "ops": [*ops, *more, ["order_by", ["pk"]]]}, True

    def extreme(self, model, ops):
        name = self.path(model, types=("integer", "date", "char"), single=True)[0]
        do = self.random.choice(["first", "last", "earliest", "latest", "get"])
        query = {"model": model, "ops": ops, "do": do}
        if do in ("first", "last"):
            query["ops"] = [*ops, ["order_by", [name, "pk"]]]
        elif do != "get":
            query["fields"] = ["pk"]
        return "extreme", query, False

    def names(self, model, ops):
        """Groups by an expression, and a condition on what is grouped."""
        path = {"f": self.path(model, types=("date",), single=True)[0]}
        by = {"extract": "year", "arg": path} if self.chance(0.5) else {"fn": "Upper", "args": [{"f": self.path(model, types=("char",), single=True)[0]}]}
        agg = {"agg": "Count", "arg": {"f": "id"}, "distinct": True}
        more = [["order_by", []], ["annotate", {"x": by}], ["values", ["x"]], ["annotate", {"y": agg}]]
        if self.chance(0.5):
            more.append(["filter", {"lookup": "y__gt", "value": self.random.randint(0, 3)}])
        if by.get("extract") and path["f"] == "id":
            return "names", {"model": model, "ops": ops, "do": "count"}, False
        return "names", {"model": model, "ops": [*ops, *more]}, False

    def shape(self, model, ops):
        """Instances with relations read ahead."""
        columns = self.random.sample([n for n, _ in self.columns(model)], k=2) if len(self.columns(model)) > 2 else ["id"]
        shape = {"fields": ["id", *columns]}
        single, many = self.relation(model, True), self.relation(model, False)
        more = [["distinct"], ["order_by", ["pk"]], ["slice", 0, 12]]
        if single is not None:
            shape["one"] = {single: {"fields": ["id"]}}
            more.insert(0, ["select_related", [single]])
        if many is not None:
            shape["many"] = {many: {"fields": ["id"]}}
            more.insert(0, ["prefetch_related", [many]])
        if self.chance(0.3) and single is None:
            more.insert(0, [self.random.choice(["only", "defer"]), columns])
        return "shape", {"model": model, "ops": [*ops, *more], "shape": shape, "max_queries": 3}, True

    def function(self, model, ops):
        text = {"f": self.path(model, types=("char",), single=True)[0]}
        number = {"f": self.path(model, types=("integer",), single=True)[0]}
        expr = self.random.choice(
            [
                {"fn": "Concat", "args": [text, {"v": "-"}, text]},
                {"fn": "Substr", "args": [text, {"v": self.random.randint(1, 3)}, {"v": 2}]},
                {"fn": "Left", "args": [text, {"v": 2}]},
                {"fn": "Replace", "args": [text, {"v": "e"}, {"v": "3"}]},
                {"fn": "Greatest", "args": [number, {"v": 3}]},
                {"fn": "Least", "args": [number, {"v": 3}]},
                {"fn": "NullIf", "args": [number, {"v": 1}]},
                {"fn": "Abs", "args": [{"op": "-", "args": [number, {"v": 5}]}]},
                {"fn": "StrIndex", "args": [text, {"v": "e"}]},
                {"cast": number, "as": "char"},
                {"fn": "LPad", "args": [text, {"v": 6}, {"v": "*"}]},
            ]
        )
        if number["f"].endswith("id") or "cast" not in expr:
            more = [["annotate", {"x": expr}], ["order_by", ["pk"]]]
        else:
            more = [["order_by", ["pk"]]]
        return "function", {"model": model, "ops": [*ops, *more]}, True

    def outer(self, model, ops):
        """A subquery that groups by the row it belongs to."""
        many = [(k, n) for k, f in self.schema.items() for n, g in f["fields"].items() if g.get("to") == model and g["type"] == "fk"]
        if not many:
            return "outer", {"model": model, "ops": ops, "do": "count"}, False
        to, key = self.random.choice(many)
        inner = [
            ["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}],
            ["order_by", []],
            ["values", [key]],
            ["annotate", {"n": {"agg": "Count", "arg": {"f": "id"}}}],
            ["values", ["n"]],
        ]
        more = [["annotate", {"x": {"subquery": {"model": to, "ops": inner}, "as": "integer"}}]]
        more.append(["filter", {"lookup": "x__gte", "value": self.random.randint(1, 3)}] if self.chance(0.5) else ["order_by", ["pk"]])
        return "outer", {"model": model, "ops": [*ops, *more]}, False

    def either(self, model, ops):
        """Annotations as parts of conditions beside columns."""
        beside = self.lookup(model)
        while "__year" in beside["lookup"]:  # Django groups by the year, and compares the date: PostgreSQL refuses it
            beside = self.lookup(model)
        more = [
            ["annotate", {"x": {"agg": "Count", "arg": {"f": self.relation(model) or "id"}, "distinct": True}}],
            ["filter", {"or": [{"lookup": "x__gt", "value": self.random.randint(0, 4)}, beside]}],
            ["order_by", ["pk"]],
        ]
        return "either", {"model": model, "ops": [*ops, *more]}, False

    def neighbours(self, model, ops):
        """Window functions over other rows, and over the values of an expression."""
        column = lambda *types: self.random.choice([n for n, _ in self.columns(model, types)] or ["id"])  # noqa: E731
        of = {"f": column("integer", "date", "char")}
        window = self.random.choice(
            [
                {"fn": "Lag", "args": [of]},
                {"fn": "Lead", "args": [of, {"v": self.random.randint(1, 3)}]},
                {"fn": "FirstValue", "args": [of]},
                {"fn": "LastValue", "args": [of]},
                {"fn": "NthValue", "args": [of, {"v": 2}]},
                {"fn": "Ntile", "args": [{"v": self.random.randint(2, 4)}]},
                {"fn": "PercentRank", "args": []},
                {"fn": "CumeDist", "args": []},
                {"agg": self.random.choice(["Min", "Avg", "Count"]), "arg": {"f": column("integer")}},
            ]
        )
        by = {"f": self.path(model, types=("char", "boolean", "integer"), single=True)[0]}
        if self.chance(0.3):
            by = {"fn": "Length", "args": [{"f": column("char")}]}
        expr = {"window": window, "partition_by": [by], "order_by": [self.random.choice(["id", "-id"])]}
        return "neighbours", {"model": model, "ops": [*ops, ["distinct"], ["annotate", {"x": expr}], ["order_by", ["pk", "x"]]]}, True

    def chosen(self, model):
        """A number by conditions on the row, and on rows that belong to it."""
        return {"case": [{"when": self.lookup(model), "then": {"v": i + 1, "as": "integer"}} for i in range(2)], "default": {"v": 0, "as": "integer"}, "as": "integer"}

    def conditional(self, model, ops):
        """Aggregates of choices, and with conditions of several parts."""
        first = {"agg": self.random.choice(["Sum", "Max", "Count"]), "arg": self.chosen(model)}
        second = {"agg": "Count", "arg": {"f": self.relation(model) or "id"}, "distinct": True, "filter": self.condition(model, 2)}
        names = {"x": first, "y": second}
        if self.chance(0.4):
            return "conditional", {"model": model, "ops": ops, "do": "aggregate", "aggregate": names}, False
        return "conditional", {"model": model, "ops": [*ops, ["annotate", names], ["order_by", ["pk"]]]}, True

    def computed(self, model, ops):
        """Calculations with aggregates, and over annotations."""
        count = {"agg": "Count", "arg": {"f": self.relation(model) or "id"}, "distinct": True}
        total = {"agg": "Sum", "arg": {"f": self.path(model, types=("integer",))[0]}}
        either = self.random.choice([{"fn": "Coalesce", "args": [total, {"v": 0}]}, {"agg": "Max", "arg": {"f": "id"}}, total])
        more = [["annotate", {"x": {"op": self.random.choice("+-*"), "args": [count, either]}}]]
        if self.chance(0.5):
            more.append(["annotate", {"y": {"op": "+", "args": [{"f": "x"}, {"v": 1}]}}])
        if self.chance(0.5):
            more.append(["filter", {"lookup": "x__gt", "value": self.random.randint(0, 9)}])
        return "computed", {"model": model, "ops": [*ops, *more, ["order_by", [self.random.choice(["x", "-x"]), "pk"] if self.chance(0.5) else ["pk"]]]}, False

    def children(self, model):
        """Models with a foreign key to this one, and its name."""
        return [(k, n) for k, f in self.schema.items() for n, g in f["fields"].items() if g.get("to") == model and g["type"] == "fk"]

    def nested(self, model, ops):
        """Subqueries in subqueries, which name the query around the one around them."""
        options = [(a, b) for a in self.children(model) for b in self.children(a[0])]
        if not options:
            return "nested", {"model": model, "ops": ops, "do": "count"}, False
        (one, key), (two, further) = self.random.choice(options)
        deep = [["filter", {"lookup": further, "value": {"expr": {"outer": "pk"}}}], [self.random.choice(["filter", "exclude"]), self.lookup(two, 1)]]
        if self.chance(0.5):
            deep = [["filter", {"lookup": f"{further}__{key}", "value": {"expr": {"outer": key}}}], ["filter", self.lookup(two, 1)]]
        inner = [["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}]]
        inner.append([self.random.choice(["filter", "exclude"]), {"cond": {"exists": {"model": two, "ops": deep}}}])
        cond = {"cond": {"exists": {"model": one, "ops": inner}}}
        return "nested", {"model": model, "ops": [*ops, [self.random.choice(["filter", "exclude"]), cond], ["distinct"], ["order_by", ["pk"]]]}, True

    def compared(self, model, ops):
        """Columns compared with what a subquery gives."""
        many = [each for each in self.children(model) if self.columns(each[0], ("integer",))]
        if not many:
            return "compared", {"model": model, "ops": ops, "do": "count"}, False
        to, key = self.random.choice(many)
        column = self.random.choice(self.columns(to, ("integer",)))[0]
        inner = [["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}], ["order_by", [self.random.choice(["-", ""]) + column, "pk"]], ["values", [column]], ["slice", 0, 1]]
        subquery = {"subquery": {"model": to, "ops": inner}}
        if self.chance(0.5):
            path = self.random.choice([n for n, _ in self.columns(model, ("integer",))])
            more = [["filter", {"lookup": path + self.random.choice(["__lt", "__gte", ""]), "value": {"expr": subquery}}]]
        else:
            more = [["annotate", {"x": subquery}], [self.random.choice(["filter", "exclude"]), {"lookup": "x__lte", "value": self.random.randint(1, 200)}]]
            if self.chance(0.4):
                more.append(["annotate", {"y": {"agg": "Count", "arg": {"f": self.relation(model) or "id"}}}])
        return "compared", {"model": model, "ops": [*ops, *more, ["order_by", ["pk"]]]}, True

    def together(self, model, ops):
        """Several query sets put together: of annotated values, of unions, ordered and cut."""
        by = self.random.choice([n for n, _ in self.columns(model, ("char", "integer"))])
        def part(depth):
            own = self.filters(model, 2)
            if self.chance(0.3):
                value = self.expression(model)
                while "q" in value:  # as in twice()
                    value = self.expression(model)
                made = [*own, ["annotate", {"x": value}], ["filter", {"lookup": "x__isnull", "value": False}], ["values_list", ["id", by]]]
            else:
                made = [*own, ["values_list", ["id", by]]]
            if depth > 0 and self.chance(0.3):
                made.append(["union", [{"model": model, "ops": part(0)}]])
            return made
        op = self.random.choice(["union", "union", "intersection", "difference"])
        others = [{"model": model, "ops": part(1 if op == "union" else 0)} for _ in range(self.random.randint(1, 2))]
        args = [op, others, {"all": True}] if op == "union" and self.chance(0.3) else [op, others]
        made = [*part(0), args]
        if self.chance(0.3):
            return "together", {"model": model, "ops": made, "do": self.random.choice(["count", "exists"])}, False
        made.append(["order_by", [self.random.choice(["", "-"]) + "id", by]])
        if self.chance(0.4):
            made.append(["slice", self.random.randint(0, 3), self.random.randint(4, 12)])
        return "together", {"model": model, "ops": made}, True

    def having(self, model, ops):
        """Groups by several columns or by what is computed; conditions on columns and aggregates; ordered by an aggregate."""
        by = list(dict.fromkeys(self.path(model, types=("char", "boolean", "integer", "date"), single=True)[0] for _ in range(2)))
        more = [["order_by", []]]
        if self.chance(0.4):
            more.append(["annotate", {"k": self.chosen(model) if self.chance(0.3) else {"case": [{"when": self.singles(model), "then": {"v": 1, "as": "integer"}}], "default": {"v": 0, "as": "integer"}, "as": "integer"}}])
            by.append("k")
        names = {"x": {"agg": "Count", "arg": {"f": "id"}, "distinct": True}, "y": self.aggregate(model)}
        more += [["values", by], ["annotate", names]]
        if self.chance(0.5):
            more.append(["filter", {"lookup": "x__gt", "value": self.random.randint(0, 3)}])
        if self.chance(0.3):
            more.append(["filter", {"or": [{"lookup": "x__lt", "value": 4}, {"lookup": "y__isnull", "value": True}]}])
        if self.chance(0.2):
            return "having", {"model": model, "ops": [*ops, *more], "do": "count"}, False
        if self.chance(0.3):
            total = {"t": {"agg": "Sum", "arg": {"f": "x"}}, "m": {"agg": "Max", "arg": {"f": "x"}}}
            return "having", {"model": model, "ops": [*ops, *more], "do": "aggregate", "aggregate": total}, False
        more.append(["order_by", [self.random.choice(["x", "-x"]), *by]])
        return "having", {"model": model, "ops": [*ops, *more]}, False

    def keys(self, model, ops):
        """Keys of JSON values: read, ordered by, several conditions on them at once."""
        places = [(model, n) for n, f in self.schema[model]["fields"].items() if f["type"] == "json"]
        if not places:
            return "keys", {"model": model, "ops": [*ops, ["filter", self.condition(model)]], "do": "count"}, False
        _, name = self.random.choice(places)
        conds = [self.json_lookup(name, model, name) for _ in range(self.random.randint(1, 3))]
        joined = {self.random.choice(["and", "or"]): conds} if len(conds) > 1 else conds[0]
        more = [["filter", joined if self.chance(0.7) or "not" in joined else {"not": joined}]]
        value = self.sample(model, name)
        if isinstance(value, dict) and value and self.chance(0.5):
            key = self.random.choice(list(value))
            if self.chance(0.5):
                more.append(["values_list", ["id", f"{name}__{key}"]])
                return "keys", {"model": model, "ops": [*ops, *more]}, False
            agg = {"agg": "Count", "arg": {"f": "id"}, "distinct": True, "filter": self.json_lookup(name, model, name)}
            return "keys", {"model": model, "ops": [*ops, *more], "do": "aggregate", "aggregate": {"x": agg}}, False
        return "keys", {"model": model, "ops": [*ops, *more, ["distinct"], ["order_by", ["pk"]]]}, True

    def whether(self, model, ops):
        """Exists as a value, negated, among other conditions, counted and grouped by."""
        many = self.children(model)
        if not many:
            return "whether", {"model": model, "ops": ops, "do": "count"}, False
        to, key = self.random.choice(many)
        exists = {"exists": {"model": to, "ops": [["filter", {"lookup": key, "value": {"expr": {"outer": "pk"}}}], ["filter", self.condition(to, 1)]]}}
        cond = {"cond": exists}
        way = self.random.randint(0, 3)
        if way == 0:
            more = [["annotate", {"x": exists}], [self.random.choice(["filter", "exclude"]), {"lookup": "x", "value": self.chance(0.5)}], ["order_by", ["pk"]]]
            return "whether", {"model": model, "ops": [*ops, *more]}, True
        if way == 1:
            more = [["filter", {self.random.choice(["or", "and"]): [{"not": cond} if self.chance(0.5) else cond, self.lookup(model)]}], ["distinct"], ["order_by", ["pk"]]]
            return "whether", {"model": model, "ops": [*ops, *more]}, True
        if way == 2:
            more = [["order_by", []], ["annotate", {"x": exists}], ["values", ["x"]], ["annotate", {"n": {"agg": "Count", "arg": {"f": "id"}, "distinct": True}}]]
            return "whether", {"model": model, "ops": [*ops, *more]}, False
        when = {"case": [{"when": cond, "then": {"v": 1, "as": "integer"}}], "default": {"v": 0, "as": "integer"}, "as": "integer"}
        return "whether", {"model": model, "ops": [*ops, ["annotate", {"x": when}], ["order_by", ["-x", "pk"]]]}, True

    def plainly(self, model):
        """A condition on a column of the model itself, that is no JSON."""
        while True:
            cond = self.lookup(model, depth=0)
            name = cond["lookup"].split("__")[0]
            if name in dict(self.columns(model)) and dict(self.columns(model))[name] != "json" and not isinstance(cond["value"], dict):
                return cond

    def narrowed(self, model, ops):
        """A relation to many narrowed by a condition of its own, in filters, values, orders and aggregates."""
        backs = [(g["related_name"], k) for k, f in self.schema.items() for g in f["fields"].values() if g.get("to") == model and g["type"] == "fk" and "related_name" in g]
        if not backs:
            return "narrowed", {"model": model, "ops": ops, "do": "count"}, False
        name, to = self.random.choice(backs)
        more = [["relation_where", name, self.plainly(to)]]
        conds = [self.plainly(to) for _ in range(self.random.randint(0, 2))]
        parts = [{**cond, "lookup": "narrowed__" + cond["lookup"]} for cond in conds]
        if self.chance(0.2):
            parts = [{"lookup": "narrowed__id__isnull", "value": True}]
        if parts:  # in one call: each of several joins the relation once more
            more.append(["filter", {self.random.choice(["and", "or"]): parts}])
        column = self.random.choice(self.columns(to, ("integer", "char", "date")))[0]
        if self.chance(0.5):
            more += [["values", ["id"]], ["annotate", {"x": {"agg": "Count", "arg": {"f": "narrowed__id"}}, "y": {"agg": "Max", "arg": {"f": "narrowed__" + column}}}]]
            return "narrowed", {"model": model, "ops": [*ops, *more]}, False
        return "narrowed", {"model": model, "ops": [*ops, *more, ["order_by", ["narrowed__" + column, "pk"]], ["values_list", ["id", "narrowed__" + column]]]}, False


def generate(folder, count, seed):
    made = Generator(folder, seed)
    for _ in range(count):
        kind, query, ordered = made.query()
        yield {"kind": "random-" + kind, ("steps" if isinstance(query, list) else "query"): query, "ordered": ordered}
