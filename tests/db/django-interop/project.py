"""A real Django project in one file: makes tables, writes rows, prints what it reads, dumps and loads fixtures.

    DATABASE='{"ENGINE": …}' python3 project.py make | write | read | save (rows on stdin) | dump | load FILE | login …
"""
import datetime
import decimal
import json
import os
import sys
import uuid

import django
from django.conf import settings

settings.configure(
    DATABASES={'default': json.loads(os.environ['DATABASE'])},
    INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', '__main__'],
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    USE_TZ=True,
    TIME_ZONE='Asia/Kolkata',
    SECRET_KEY='x',
)
sys.modules['shop'] = sys.modules['__main__']

from django.apps import AppConfig, apps  # noqa: E402


class ShopConfig(AppConfig):
    name = '__main__'
    label = 'shop'
    path = os.path.dirname(os.path.abspath(__file__))


settings.INSTALLED_APPS[-1] = '__main__.ShopConfig'
django.setup()

from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.db.models import F, Q  # noqa: E402


class Meta:
    app_label = 'shop'


class Everything(models.Model):
    char = models.CharField(max_length=50)
    text = models.TextField(default='')
    slug = models.SlugField(null=True)
    email = models.EmailField(blank=True)
    url = models.URLField(blank=True)
    ip = models.GenericIPAddressField(null=True)
    file = models.FileField(blank=True)
    integer = models.IntegerField(null=True)
    small = models.SmallIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    positive_small = models.PositiveSmallIntegerField(null=True)
    positive_big = models.PositiveBigIntegerField(null=True)
    real = models.FloatField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    exact = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    yes = models.BooleanField(default=False)
    maybe = models.BooleanField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    span = models.DurationField(null=True)
    key = models.UUIDField(null=True)
    data = models.JSONField(null=True)
    bytes = models.BinaryField(null=True)
    Meta = Meta


class Author(models.Model):
    nid = models.BigAutoField(primary_key=True)
    full_name = models.CharField(max_length=100, db_index=True)
    mentor = models.ForeignKey('self', models.SET_NULL, null=True, related_name='pupils')
    Meta = Meta


class Tag(models.Model):
    code = models.CharField(max_length=20, primary_key=True)
    Meta = Meta


class Place(models.Model):
    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=50, unique=True)
    Meta = Meta


class Shop(Place):
    """A child of a model with a table of its own: its key is a reference."""

    opened = models.DateField(null=True)
    Meta = Meta


class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn_13 = models.CharField(max_length=13, unique=True)
    author = models.ForeignKey(Author, models.CASCADE)
    editor = models.ForeignKey(Author, models.PROTECT, null=True, db_column='checked_by', related_name='edited')
    owner = models.ForeignKey(User, models.CASCADE, null=True)
    plain = models.ForeignKey(Place, models.DO_NOTHING, null=True, db_index=False)
    tags = models.ManyToManyField(Tag)
    related = models.ManyToManyField('self', symmetrical=False)
    pages = models.IntegerField(default=0)
    published = models.DateTimeField(null=True, db_index=True)

    class Meta:
        app_label = 'shop'
        unique_together = [('author', 'title')]
        indexes = [
            models.Index(fields=['pages', '-published']),
            models.Index(fields=['title'], name='by_title'),
            models.Index(fields=['pages'], name='long_ones', condition=Q(pages__gt=500)),
        ]
        constraints = [
            models.CheckConstraint(check=Q(pages__gte=0, pages__lt=100000), name='pages_range'),
            models.CheckConstraint(check=Q(title__startswith='x') | Q(pages=F('id')) | Q(pages__gte=0), name='odd_check'),
            models.UniqueConstraint(fields=['author', 'pages', 'editor'], name='one_each'),
            models.UniqueConstraint(fields=['isbn_13'], condition=Q(pages__gt=10), name='some_unique'),
        ]


class Cover(models.Model):
    book = models.OneToOneField(Book, models.CASCADE, primary_key=True)
    color = models.CharField(max_length=10, null=True)
    spare = models.OneToOneField(Book, models.SET_NULL, null=True, related_name='spare_of')
    Meta = Meta


class Delete(models.Model):
    """Names that mean something to languages."""

    select = models.IntegerField(default=1)
    clazz = models.CharField(max_length=5, db_column='class', default='')
    save_it = models.CharField(max_length=5, db_column='save', default='')
    upper = models.CharField(max_length=5, db_column='UPPER Case-x', default='')
    double = models.CharField(max_length=5, db_column='a__b_', default='')

    class Meta:
        app_label = 'shop'
        db_table = 'order'


# Models of the app are in this file, and known only now.
apps.get_app_config('shop').models_module = sys.modules['__main__']

FOREIGN_SQL = [
    """CREATE TABLE "Odd Table-2" ("first" integer NOT NULL, "second" varchar(10) NOT NULL, "function" integer,
        total decimal(10,3) DEFAULT 1.5 NOT NULL, note varchar(20) DEFAULT 'it''s' NOT NULL, flag boolean DEFAULT true NOT NULL,
        made timestamp DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY ("first", "second"))""",
    """CREATE TABLE child (id integer PRIMARY KEY, author_id bigint NOT NULL REFERENCES shop_author(nid) ON DELETE CASCADE,
        place_id %s REFERENCES shop_place(key) ON DELETE SET NULL, name varchar(20) NOT NULL UNIQUE)""",
    'CREATE TABLE keyless (name varchar(20) NOT NULL, code varchar(5) NOT NULL UNIQUE)',
    'CREATE VIEW long_books AS SELECT id, title, pages FROM shop_book WHERE pages > 100',
]

UTC = datetime.timezone.utc


def instant(*parts):
    return datetime.datetime(*parts, tzinfo=UTC)


ROWS = [
    dict(char='plain', text='a\nb\tc "q" \' \\ % _ \u2028', slug='s-1', email='A@x.org', url='https://x.org/?a=1&b=2', ip='::1',
         file='a/b.txt', integer=2**31 - 1, small=32767, big=2**63 - 1, positive=2**31 - 1, positive_small=32767,
         positive_big=2**63 - 1, real=0.1, price=decimal.Decimal('9999999999.99'), exact=decimal.Decimal('12345678.123456'),
         yes=True, maybe=False, day=datetime.date(9999, 12, 31), clock=datetime.time(23, 59, 59, 999999),
         moment=instant(9999, 12, 31, 23, 59, 59, 999999), span=datetime.timedelta(days=10000, microseconds=1),
         key=uuid.UUID('ffffffff-ffff-ffff-ffff-ffffffffffff'), data={'a': [1, 2.5, None, True, 'é😀'], '': {'x\u0001': []}},
         bytes=bytes(range(256))),
    dict(char='😀é漢字\u0301', integer=-(2**31), small=-32768, big=-(2**63), positive=0, positive_small=0, positive_big=0,
         real=-1.7976931348623157e308, price=decimal.Decimal('-0.01'), exact=decimal.Decimal('0.000001'), maybe=True,
         day=datetime.date(1, 1, 1), clock=datetime.time(0, 0), moment=instant(1, 1, 1), span=datetime.timedelta(microseconds=-1),
         key=uuid.UUID(int=0), data=[], bytes=b''),
    dict(char='small fractions', real=5e-324, price=decimal.Decimal('1.50'), exact=decimal.Decimal('1'),
         clock=datetime.time(1, 2, 3, 4), moment=instant(1969, 12, 31, 23, 59, 59, 1), span=datetime.timedelta(days=-3, seconds=1),
         data='text', day=datetime.date(1970, 1, 1)),
    dict(char='milliseconds', moment=instant(2024, 2, 29, 12, 0, 0, 120000), clock=datetime.time(12, 30, 0, 500000),
         span=datetime.timedelta(0), data=0, real=1e16, big=2**53 + 1, price=decimal.Decimal('0'), bytes=b'\x00'),
    dict(char='', data=False, real=-0.0),
]
if 'sqlite' in os.environ['DATABASE']:
    ROWS.append(dict(char='nul \u0000 inside', text='\u0000'))

FIELDS = [field.name for field in Everything._meta.fields]


def plain(value):
    """A value as text that both sides write in the same way."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return {'float': value}
    if isinstance(value, decimal.Decimal):
        return {'decimal': str(value.normalize())}
    if isinstance(value, datetime.datetime):
        return {'micro': str((value - instant(1970, 1, 1)) // datetime.timedelta(microseconds=1))}
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return {'micro': str(value // datetime.timedelta(microseconds=1))}
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value)


def unplain(field, value):
    if value is None or isinstance(value, bool):
        return value
    kind = field.get_internal_type()
    if isinstance(value, dict):
        value = value.get('float', value.get('decimal', value.get('micro')))
    if kind == 'DateTimeField':
        return instant(1970, 1, 1) + datetime.timedelta(microseconds=int(value))
    if kind == 'DurationField':
        return datetime.timedelta(microseconds=int(value))
    if kind == 'BinaryField':
        return bytes.fromhex(value)
    return field.to_python(value)


def read():
    rows = []
    for row in Everything.objects.order_by('id'):
        values = {name: plain(getattr(row, name)) for name in FIELDS if name != 'data'}
        rows.append({**values, 'data': row.data})
    return rows


def make():
    call_command('migrate', verbosity=0)  # accounts first: a server wants to see what is referred to
    call_command('migrate', verbosity=0, run_syncdb=True)
    with connection.cursor() as cursor:
        for sql in FOREIGN_SQL:
            kind = 'uuid' if connection.vendor == 'postgresql' else 'char(32)'
            cursor.execute(sql.replace('%s', kind))


def write():
    for row in ROWS:
        Everything.objects.create(**row)
    ada = Author.objects.create(full_name='Ada')
    bo = Author.objects.create(full_name='Bo', mentor=ada)
    place = Place.objects.create(key=uuid.UUID(int=7), name='Roma')
    Shop.objects.create(key=uuid.UUID(int=8), name='Corso', opened=datetime.date(2001, 2, 3))
    user = User.objects.create_user('ada', 'Ada@Example.org', 'correct horse')
    group = Group.objects.create(name='Editors')
    group.permissions.add(Permission.objects.get(codename='change_book'))
    user.groups.add(group)
    book = Book.objects.create(title='One', isbn_13='1', author=ada, editor=bo, owner=user, plain=place, pages=3,
                               published=instant(2020, 1, 1, 0, 0, 0, 123456))
    other = Book.objects.create(title='Two', isbn_13='2', author=bo)
    book.tags.add(Tag.objects.create(code='x'), Tag.objects.create(code='ü y'))
    book.related.add(other)
    Cover.objects.create(book=book, color='red', spare=other)
    Delete.objects.create(clazz='c', save_it='s', upper='U', double='d')


def save():
    for row in json.load(sys.stdin):
        values = {name: unplain(Everything._meta.get_field(name), value) for name, value in row.items() if name != 'data'}
        Everything.objects.create(**{**values, 'data': row.get('data')})


command, *words = sys.argv[1:]
if command == 'make':
    make()
elif command == 'write':
    write()
elif command == 'read':
    print(json.dumps(read()))
elif command == 'save':
    save()
elif command == 'dump':
    call_command('dumpdata', *words, stdout=sys.stdout)
elif command == 'load':
    call_command('loaddata', *words, verbosity=0)
elif command == 'login':
    from django.contrib.auth import authenticate
    user = authenticate(username=words[0], password=words[1])
    print(json.dumps(None if user is None else {'name': user.username, 'permissions': sorted(user.get_all_permissions())}))
elif command == 'sql':
    with connection.cursor() as cursor:
        cursor.execute(words[0])
        print(json.dumps(cursor.fetchall(), default=str))
