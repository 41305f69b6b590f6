"""What answers have in common."""

from django.test import Client


def refusal(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/json"
    error = response.json()["error"]
    assert error["status"] == 400
    detail: str = error["detail"]
    return detail
