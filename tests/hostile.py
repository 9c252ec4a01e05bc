"""A shell that is set up for all but the workshop: each of its variables would bend something."""

from pathlib import Path

DEAD = "http://127.0.0.1:9"
"""An address where nobody listens."""
SECRET = "hush-hush"


def variables(folder: Path) -> dict[str, str]:
    """All of them at once. What they lead to is in `folder`: their database, their modules."""
    modules = folder / "their-modules"
    modules.mkdir(parents=True, exist_ok=True)
    for name in ("requests", "flask", "typer"):
        (modules / f"{name}.py").write_text("raise SystemExit('theirs')\n")
    stable = folder / "application_monitoring.yaml"
    stable.write_text("apm_configuration_default:\n  DD_TRACE_ENABLED: false\n")
    return {
        # The application, and what it is made of
        "DATABASE_URL": f"sqlite:///{database(folder)}",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{database(folder)}",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "TASTER_URL": DEAD,
        "ERROR_RATE": "1",
        "TASTING_SECONDS": "9",
        "HOST": "0.0.0.0",
        "PORT": "1",
        "FLASK_APP": "theirs",
        "FLASK_DEBUG": "1",
        "FLASK_RUN_HOST": "0.0.0.0",
        "WERKZEUG_RUN_MAIN": "true",
        "WERKZEUG_SERVER_FD": "99",
        "PGHOST": "127.0.0.9",
        "PGOPTIONS": "-c search_path=theirs",
        "PGSERVICE": "theirs",
        "SQLITE_TMPDIR": "/nowhere",
        "HTTP_PROXY": DEAD,
        "http_proxy": DEAD,
        "ALL_PROXY": "socks5://127.0.0.1:9",
        "REQUESTS_CA_BUNDLE": "/nowhere",
        "NETRC": "/nowhere",
        # The tracer
        "DD_AGENT_HOST": "127.0.0.9",
        "DD_API_KEY": SECRET,
        "DD_DOGSTATSD_URL": "udp://127.0.0.1:9",
        "DD_ENV": "theirs",
        "DD_LOGS_INJECTION": "false",
        "DD_PATCH_MODULES": "flask:false",
        "DD_PROFILING_ENABLED": "true",
        "DD_SERVICE": "theirs",
        "DD_TAGS": "whose:theirs",
        "DD_TRACE_AGENT_URL": DEAD,
        "DD_TRACE_DEBUG": "true",
        "DD_TRACE_ENABLED": "false",
        "DD_TRACE_FLASK_ENABLED": "false",
        "DD_VERSION": "theirs",
        "_DD_SC_LOCAL_FILE_OVERRIDE": str(stable),
        "_DD_SC_MANAGED_FILE_OVERRIDE": str(stable),
        "OTEL_SERVICE_NAME": "theirs",
        "OTEL_TRACES_SAMPLER": "always_off",
        # Python, pytest, the test agent, the console, Compose
        "PYTHONDEVMODE": "1",
        "PYTHONINSPECT": "1",
        "PYTHONOPTIMIZE": "2",
        "PYTHONPATH": str(modules),
        "PYTHONSAFEPATH": "1",
        "PYTHONSTARTUP": "/nowhere",
        "PYTHONWARNINGS": "error",
        "PYTEST_ADDOPTS": "--collect-only -p theirs",
        "PYTEST_PLUGINS": "theirs",
        "ENABLED_CHECKS": "trace_stall",
        "LOG_LEVEL": "theirs",
        "MAX_REQUESTS": "1",
        "SNAPSHOT_CI": "1",
        "VCR_CI_MODE": "1",
        "WEB_UI_PORT": "1",
        "CONSOLE_HOST": "0.0.0.0",
        "CONSOLE_PORT": "1",
        "CONSOLE_WEB_URL": DEAD,
        "COMPOSE_ENV_FILES": "/nowhere/.env",
        "COMPOSE_FILE": "/nowhere/compose.yaml",
        "COMPOSE_PROFILES": "theirs",
        "COMPOSE_PROJECT_NAME": "theirs",
        "GID": "99999",
        "UID": "99999",
        "SECRET_TOKEN": SECRET,
    }


def database(folder: Path) -> Path:
    """The database that is somebody else's."""
    return folder / "theirs.db"
