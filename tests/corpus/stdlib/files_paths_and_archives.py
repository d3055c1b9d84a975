# pathlib, shutil, zipfile, tarfile, gzip, tempfile, glob.
import glob
import gzip
import pathlib
import shutil
import tarfile
import tempfile
import zipfile

folder = pathlib.Path("data")
folder.mkdir()
(folder / "a.txt").write_text("alpha\n")
with zipfile.ZipFile("a.zip", "w") as archive:
    archive.write(folder / "a.txt", "inner.txt")
with tarfile.open("a.tar.gz", "w:gz") as archive:
    archive.add(folder)
with gzip.open("a.gz", "wt") as file:
    file.write("packed")
print(zipfile.ZipFile("a.zip").read("inner.txt"), tarfile.open("a.tar.gz").getnames(), gzip.open("a.gz").read())
with tempfile.TemporaryDirectory() as temporary:
    shutil.copy(folder / "a.txt", temporary)
    print([path.name for path in pathlib.Path(temporary).iterdir()])
shutil.rmtree(folder)
print(sorted(glob.glob("*")))
# output: ["b'alpha\\n' ['data', 'data/a.txt'] b'packed'", "['a.txt']", "['a.gz', 'a.tar.gz', 'a.zip']"]
# files: ["a.gz", "a.tar.gz", "a.zip"]
