"""fastmcp's own HTTP proxy, without any detection: python benchmarks/fastmcp_http.py URL PORT"""

import sys

from fastmcp.server import create_proxy

if __name__ == "__main__":
    options = {"host": "127.0.0.1", "port": int(sys.argv[2]), "path": "/mcp", "log_level": "error"}
    create_proxy(sys.argv[1]).run(transport="http", show_banner=False, **options)
