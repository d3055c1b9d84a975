# SPDX-License-Identifier: Apache-2.0
# claim: sandbox has no capability
# twin: root

def attack():
    text = open('/proc/self/status').read()
    held = [l for l in text.splitlines() if l.startswith(('CapInh', 'CapPrm', 'CapEff', 'CapAmb')) and int(l.split()[1], 16)]
    return reached(held) if held else refused('none')
