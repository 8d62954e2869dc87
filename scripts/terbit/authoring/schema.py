"""The JSON Schema of publication.yaml, for editors (JSON Schema 2020-12)."""

from __future__ import annotations

import json
from typing import Any

from terbit.metadata import Metadata


def schema_text() -> str:
    value: dict[str, Any] = Metadata.model_json_schema()
    value["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    value["title"] = "publication.yaml"
    value["required"] = ["title", "language"]
    return json.dumps(value, indent=1, ensure_ascii=False)
