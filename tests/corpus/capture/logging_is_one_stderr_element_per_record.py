# The root logger's default handler and basicConfig's both write lines to stderr.
import logging

logging.warning("by default")
logging.info("not shown")
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", force=True)
logging.getLogger("job").info("with %d values", 3)
logging.error("two\nlines")
# stderr: ["WARNING:root:by default", "INFO job with 3 values", "ERROR root two", "lines"]
# stdout: []
# ---
logging.warning("handlers last")
# stderr: ["WARNING root handlers last"]
