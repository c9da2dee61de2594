"""Programs from outside Python that some tests use, and what this machine lacks of them."""

from pathlib import Path
import shutil

APACHE_MODULES = Path("/usr/lib/apache2/modules")
NGINX_PATH = "/usr/sbin:/usr/bin"


def what_node_lacks() -> str | None:
    """None where Node.js and npm are here."""
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    return f"{' and '.join(missing)} not found; install Node.js 20 or newer" if missing else None


def what_apache_lacks() -> str | None:
    """None where Apache HTTP Server with mod_auth_openidc is here."""
    if shutil.which("apache2", path="/usr/sbin:/usr/bin") is None or not (APACHE_MODULES / "mod_auth_openidc.so").exists():
        return "Apache HTTP Server with mod_auth_openidc not found; on Debian: apt-get install apache2-bin libapache2-mod-auth-openidc"
    return None


def what_nginx_lacks() -> str | None:
    """None where nginx is here."""
    if shutil.which("nginx", path=NGINX_PATH) is None:
        return "nginx not found; on Debian: apt-get install nginx-light"
    return None
