# Named pipes and sockets.
import os

os.mkfifo("pipe")
# files: []
