"""The SDK's benchmark server on Streamable HTTP: python sdk_http.py PORT"""

import sys

from sdk import server

if __name__ == "__main__":
    server.settings.log_level = "ERROR"
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
