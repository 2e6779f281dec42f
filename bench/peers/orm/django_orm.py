"""Django's ORM, answering the same questions as bench/orm/process.ts, over the same channel: lines of JSON.

A process of Python has no IPC of Node's, but NODE_CHANNEL_FD says which socket it is given.
"""

import json
import os
import resource
import socket
import sys
from time import perf_counter
from urllib.parse import urlsplit

import django
from django.conf import settings

database, url = sys.argv[1:3]
if database == "sqlite":
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": url}
else:
    parts = urlsplit(url)
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
    }
settings.configure(DATABASES={"default": default}, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models, transaction  # noqa: E402  (models need the settings)


class Author(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "library"


class Book(models.Model):
    title = models.CharField(max_length=100)
    subtitle = models.CharField(max_length=100)
    isbn = models.CharField(max_length=13)
    status = models.CharField(max_length=10)
    pages = models.IntegerField()
    stock = models.IntegerField()
    price = models.FloatField()
    summary = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")

    class Meta:
        app_label = "library"


if database == "sqlite":
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA cache_size = -8000")
        cursor.execute("PRAGMA temp_store = MEMORY")


def values(i):
    return {
        "title": f"Title {i} & <more>",
        "subtitle": f"A subtitle of some words, number {i}",
        "isbn": str(9780000000000 + i),
        "status": "new" if i % 3 == 0 else "old",
        "pages": 100 + i % 400,
        "stock": i % 20,
        "price": 9.5 + i / 100,
        "summary": "A summary that says in a sentence or two what this book is about, without giving its end away.",
        "author_id": 1 + i % 100,
    }


THOUSAND = [values(i) for i in range(1000)]


def get(key):
    return Book.objects.get(pk=key)


def hundred():
    return list(Book.objects.order_by("id")[:100])


def joined():
    return list(Book.objects.select_related("author").order_by("id")[:100])


def prefetched():
    return list(Author.objects.prefetch_related("books").order_by("id")[:50])


def insert(fields):
    return Book.objects.create(**fields).pk


def bulk():
    Book.objects.bulk_create([Book(**fields) for fields in THOUSAND])


def update(key, stock):
    return Book.objects.filter(pk=key).update(stock=stock)


def count(status, pages):
    return Book.objects.filter(status=status, pages__gte=pages).count()


def twenty(i):
    return [get(1 + (i * 20 + k) % 1000) for k in range(20)]


def updates(changes):
    with transaction.atomic():
        for key, stock in changes:
            update(key, stock)


ROWS = {
    "get by pk": lambda i: get(1 + i % 1000),
    "100 rows of 10 columns": lambda i: hundred(),
    "100 rows, joined relation": lambda i: joined(),
    "50 parents, 10 children each": lambda i: prefetched(),
    "insert one": lambda i: insert(THOUSAND[i % 1000]),
    "bulk insert 1,000": lambda i: bulk(),
    "update by pk": lambda i: update(1 + i % 1000, i % 20),
    "filtered count": lambda i: count("new", i % 400),
    "20 gets at once": twenty,
    "20 updates in a transaction": lambda i: updates([(1 + (i * 20 + k) % 1000, k) for k in range(20)]),
}

FIELDS = ["id", "title", "subtitle", "isbn", "status", "pages", "stock", "price", "summary", "author_id"]


def plain(book):
    return [getattr(book, name) for name in FIELDS]


def answers():
    found = [
        plain(get(7)),
        [plain(book) for book in hundred()],
        [[plain(book), [book.author.id, book.author.name]] for book in joined()],
        [
            [[author.id, author.name], [plain(book) for book in sorted(author.books.all(), key=lambda book: book.id)]]
            for author in prefetched()
        ],
        count("new", 250),
        [plain(book) for book in twenty(3)],
    ]
    update(8, 123)
    found.append(get(8).stock)
    update(8, 7)
    updates([(8, 124), (9, 124)])
    found += [get(8).stock, get(9).stock]
    update(8, 7)
    update(9, 8)
    key = insert(values(4))
    found += ["number" if type(key) is int else type(key).__name__, plain(get(key))[1:]]
    bulk()
    found.append(count("new", 0))
    return found


def times_for(work, milliseconds):
    times = 1
    while True:
        start = perf_counter()
        for i in range(times):
            work(i)
        took = (perf_counter() - start) * 1000
        if took >= milliseconds / 2:
            return max(1, round(times * milliseconds / took))
        times *= 2


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


def answer(question):
    if question["t"] == "check":
        return answers()
    work = ROWS[question["row"]]
    if question["t"] == "warm":
        return times_for(work, question["milliseconds"])
    before = cpu()
    for i in range(question["times"]):
        work(i)
    return (cpu() - before) / question["times"]


with socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"])) as channel:
    lines = channel.makefile("rwb")

    def send(value):
        lines.write(json.dumps(value).encode() + b"\n")
        lines.flush()

    send("ready")
    for line in lines:
        send(answer(json.loads(line)))
