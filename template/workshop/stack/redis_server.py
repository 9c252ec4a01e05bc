"""A Redis server for machines that don't have one: fakeredis behind a TCP port."""

import logging
import sys

from fakeredis import TcpFakeServer


def main(port: int) -> None:
    """Serve on 127.0.0.1:`port` until the process ends."""
    logging.basicConfig(level=logging.WARNING)
    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    print(f"fakeredis listens on 127.0.0.1:{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
