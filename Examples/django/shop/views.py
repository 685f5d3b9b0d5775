import asyncio

from django.db import connection, transaction
from django.http import HttpResponse, JsonResponse

from .models import Item


def index(request):
    return HttpResponse("Hello World!\n")


def wait(request, milliseconds):
    """Waits in the database, by psycopg2, which is written in C."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s), pg_backend_pid()", [milliseconds / 1000])
        return JsonResponse({"connection": cursor.fetchone()[1]})


def connections(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        return JsonResponse({"count": cursor.fetchone()[0]})


def sell(request, name):
    """Takes one out of the stock: the row is locked until the transaction ends."""
    with transaction.atomic():
        item = Item.objects.select_for_update().get(name=name)
        item.stock -= 1
        item.save()
    return JsonResponse({"left": item.stock})


async def later(request):
    await asyncio.sleep(0.1)
    found = [item.name async for item in Item.objects.order_by("name")]
    return JsonResponse({"items": found})
