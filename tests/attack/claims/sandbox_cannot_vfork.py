# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot vfork

def attack():
    import subprocess
    return reached(subprocess.run(['/bin/true']).returncode)
