# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by pandas

def attack():
    import pandas
    return reached(pandas.read_csv('@SECRET@', header=None).iloc[0, 0])
