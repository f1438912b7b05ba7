"""nginx in front of the processes, with the rules of ``deploy/nginx``, which operators use too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from printlab.cluster.children import Child
from printlab.cluster.problem import NoCluster

_RULES = Path(__file__).parents[2] / "deploy" / "nginx"
_MISSING = "nginx is not installed. On Debian and Ubuntu: apt install nginx-light"
# Debian has it where only root looks.
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
_WHOLE = """\
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    server_tokens off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    proxy_cache_path {folder}/nginx-cache keys_zone=printlab_static:1m max_size=100m;
    include {rules}/printlab-browsers.conf;
    upstream printlab {{
        zone printlab 64k;
        hash $printlab_lane consistent;
{servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        include {rules}/printlab-proxy.conf;
    }}
}}
"""


def program() -> str:
    """Where nginx is. Raises NoCluster, which says how to get it."""
    if (found := shutil.which("nginx", path=_PLACES)) is None:
        raise NoCluster(_MISSING)
    return found


def start(folder: Path, port: int, ports: Sequence[int]) -> Child:
    """Serve ``port`` of this machine by the processes at ``ports``; ``folder`` takes what nginx writes."""
    configuration = folder / "nginx.conf"
    servers = "\n".join(f"        server 127.0.0.1:{number} max_fails=1 fail_timeout=5s;" for number in ports)
    # As root nginx would become somebody who cannot get into the folder.
    user = "" if os.geteuid() else "user root;\n"
    text = _WHOLE.format(user=user, folder=folder, rules=_RULES, servers=servers, port=port)
    configuration.write_text(text, encoding="utf-8")
    return Child("nginx", [program(), "-c", str(configuration), "-e", "stderr"], folder=folder)
