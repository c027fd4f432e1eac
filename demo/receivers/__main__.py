"""``python -m demo.receivers``: local receivers for trying channels out, until Ctrl-C.

Prints the environment a routes file needs, then what arrives.
"""

from __future__ import annotations

import json
import sys
import time

from demo.receivers import start


def main() -> int:
    """Serve until interrupted."""
    with start() as receivers:
        for name, value in receivers.environment().items():
            sys.stdout.write(f"export {name}='{value}'\n")
        shown = dict.fromkeys(receivers, 0)
        try:
            while True:
                for kind, receiver in receivers.items():
                    for message in receiver.taken[shown[kind] :]:
                        line = {"receiver": kind, "text": message.text}
                        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
                    shown[kind] = len(receiver.taken)
                sys.stdout.flush()
                time.sleep(0.2)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
