from django.urls import path

from . import views

urlpatterns = [
    path("", views.index),
    path("wait/<int:milliseconds>", views.wait),
    path("connections", views.connections),
    path("sell/<str:name>", views.sell),
    path("later", views.later),
]
