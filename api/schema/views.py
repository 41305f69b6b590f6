"""The OpenAPI document over HTTP."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.public_view import PublicView
from api.renderers import CompactJSONRenderer


class YAMLRenderer(BaseRenderer):
    media_type = "application/yaml"
    format = "yaml"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        from drf_spectacular.renderers import OpenApiYamlRenderer  # few ask for YAML

        text: bytes = OpenApiYamlRenderer().render(data)
        return text


class SchemaView(PublicView):
    """What machines read of this API: JSON, or YAML by ``?format=yaml``."""

    renderer_classes = (CompactJSONRenderer, YAMLRenderer)

    def get(self, request: Request) -> Response:
        from api.schema.document import document  # drf-spectacular, for whoever asks

        return Response(document())
