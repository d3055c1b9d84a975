# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot start a setuid program with power

def attack():
    import subprocess
    out = subprocess.run(['/usr/bin/passwd', '-S'], capture_output=True)
    return reached(out.returncode)
