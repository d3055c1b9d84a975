# tqdm believes that it writes to a file and shows its states.
# requires: tqdm
import tqdm

for _ in tqdm.tqdm(range(3), ascii=True, mininterval=0):
    pass
# stderr_contains: ["0/3", "3/3"]
# stdout: []
