"""`tongban deploy`: writes `deploy/compose.yaml` from the map of the house, so that what is deployed is what the map says."""

from pathlib import Path
from typing import Any

import yaml

from host.services import BUS_DATABASE, GATEWAY, GATEWAY_WORKERS, SERVICES

COMPOSE = Path(__file__).parent.parent / "deploy" / "compose.yaml"
_PORT = 8000
_SUBNET = "10.213.0.0/24"
"""Of the containers alone: what they say of a request's source is believed."""
_HEADER = """# Written by `tongban deploy` from host/services.py; a test holds the two together. Images: deploy/Dockerfile.
# Set TONGBAN_MASTER_KEY (`tongban keys new`) and POSTGRES_PASSWORD before the first start.
"""


def compose() -> str:
    """The compose file as text."""
    services: dict[str, Any] = {
        "postgres": {
            "image": "postgres:18",
            "environment": {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:?}"},
            "volumes": ["postgres:/var/lib/postgresql"],
            "healthcheck": {"test": ["CMD-SHELL", "pg_isready -U postgres"], "interval": "2s", "retries": 30},
        },
        "kafka": {"image": "apache/kafka:4.3.0", "volumes": ["kafka:/var/lib/kafka/data"]},
        "migrate": {**_suite(), "command": ["migrate"], "restart": "no", "depends_on": {"postgres": {"condition": "service_healthy"}}},
    }
    for entry in SERVICES.values():
        services[entry.name] = _service(entry.name, _PORT + entry.port_offset, entry.workers)
    services[GATEWAY] = {
        **_service(GATEWAY, _PORT, GATEWAY_WORKERS),
        "depends_on": {name: {"condition": "service_healthy"} for name in SERVICES},
    }
    services["entrance"] = {
        "image": "nginx:1.28",
        "ports": ["80:80"],
        "configs": [{"source": "entrance", "target": "/etc/nginx/conf.d/default.conf"}],
        "depends_on": {GATEWAY: {"condition": "service_healthy"}},
    }
    document = {
        "name": "tongban",
        "services": services,
        "volumes": {"postgres": None, "kafka": None, "files": None},
        "networks": {"default": {"ipam": {"config": [{"subnet": _SUBNET}]}}},
        "configs": {"entrance": {"content": _ENTRANCE}},
    }
    return _HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=200)


def write() -> list[str]:
    """Write the file; answers its path when it changed."""
    text = compose()
    if COMPOSE.exists() and COMPOSE.read_text() == text:
        return []
    COMPOSE.write_text(text)
    return ["deploy/compose.yaml"]


_ENTRANCE = f"""map $$http_upgrade $$connection_upgrade {{ default upgrade; '' ''; }}
server {{
  listen 80;
  client_max_body_size 21m;
  location / {{
    proxy_pass http://{GATEWAY}:{_PORT};
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_set_header Host $$host;
    proxy_set_header X-Forwarded-For $$remote_addr;
    proxy_set_header Client-Cert '';
    proxy_set_header X-SSL-Client-Verify '';
    proxy_set_header Upgrade $$http_upgrade;
    proxy_set_header Connection $$connection_upgrade;
  }}
}}
"""


def _suite() -> dict[str, Any]:
    peers = ",".join(f'"{entry.name}":"http://{entry.name}:{_PORT + entry.port_offset}"' for entry in SERVICES.values())
    return {
        "image": "tongban",
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "environment": {
            "TONGBAN_DATABASE_URL": "postgresql://postgres:${POSTGRES_PASSWORD:?}@postgres:5432",
            "TONGBAN_BUS_DATABASE_URL": f"postgresql://postgres:${{POSTGRES_PASSWORD:?}}@postgres:5432/{BUS_DATABASE}",
            "TONGBAN_KAFKA": "kafka:9092",
            "TONGBAN_MASTER_KEY": "${TONGBAN_MASTER_KEY:?}",
            "TONGBAN_PUBLIC_URL": "${TONGBAN_PUBLIC_URL:-http://localhost}",
            "TONGBAN_PEERS": "{" + peers + "}",
            "TONGBAN_TRUSTED_PROXIES": f'["{_SUBNET}"]',
            "TONGBAN_FILES_DIR": "/files",
        },
    }


def _service(name: str, port: int, replicas: int) -> dict[str, Any]:
    check = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/readyz', timeout=2)"
    return {
        **_suite(),
        "command": ["serve", name, "--host", "0.0.0.0", "--port", str(port)],
        "restart": "unless-stopped",
        "stop_grace_period": "20s",
        "deploy": {"replicas": replicas},
        "volumes": ["files:/files"],
        "healthcheck": {"test": ["CMD", "python", "-c", check], "interval": "3s", "retries": 20, "start_period": "10s"},
        "depends_on": {"migrate": {"condition": "service_completed_successfully"}, "kafka": {"condition": "service_started"}},
    }
