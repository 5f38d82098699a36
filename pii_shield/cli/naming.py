"""See `pii_shield.naming`."""

from ..naming import default_name as default_name
