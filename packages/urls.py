"""Addresses of the pages."""

from django.urls import path

from packages import views

app_name = "packages"
urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("about", views.about, name="about"),
    path("packages/<str:name>", views.detail, name="detail"),
]
