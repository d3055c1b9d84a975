# Cancelled inside logging, imports and print over and over: all of them work afterwards.
# option: {"cancel_on": "ready", "cancel_after_ms": 20}
import io
import logging

logger = logging.getLogger("busy")
logger.propagate = False
logger.addHandler(logging.StreamHandler(io.StringIO()))
print("ready")
while True:
    logger.warning("line")
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# ---
# option: {"wall_ms": 5000}
logger.warning("once more")
import colorsys
print("fine")
# output: ["fine"]
