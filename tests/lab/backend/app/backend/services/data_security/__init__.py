from .store import DataSecurityStore  # noqa: F401
