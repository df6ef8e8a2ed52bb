"""moto's server, mended where it is unlike AWS in what these tests rest on. Run by the interpreter of its own
environment, with the server's arguments."""

from __future__ import annotations

import sys

from moto.dynamodb.models import DynamoDBBackend
from moto.server import main


def tag_resource(backend: DynamoDBBackend, arn: str, tags: dict[str, str]) -> None:
    """A tag that is there gets its new value; moto has it twice then, and leads whoever reads on in a circle."""
    for table in backend.tables.values():
        if table.table_arn == arn:
            kept = [tag for tag in table.tags if tag["Key"] not in tags]
            table.tags = [*kept, *({"Key": key, "Value": value} for key, value in tags.items())]


if __name__ == "__main__":
    DynamoDBBackend.tag_resource = tag_resource
    main(sys.argv[1:])
