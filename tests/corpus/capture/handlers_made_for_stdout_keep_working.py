# A logging handler holds the stream object over executions.
import logging
import sys

logger = logging.getLogger("kept")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(logging.StreamHandler(sys.stdout))
logger.info("first")
# stdout: ["first"]
# ---
logger.info("second")
logger.warning("%s", "x" * 5)
# stdout: ["second", "xxxxx"]
