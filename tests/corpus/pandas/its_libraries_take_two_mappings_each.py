# A fork copies the description of every mapping: code with constants is one, data is one without a name.
import pandas._libs.lib
mappings = []
for line in open('/proc/self/maps'):
    words = line.split()
    if len(words) > 5 and '/pandas/' in words[5]:
        mappings.append((words[5], words[1]))
print(len(mappings) > 10, len(mappings) == len(set(mappings)))
print({rights for path, rights in mappings})
# What was written while they were loaded is still there.
print(pandas._libs.lib.is_integer(7), pandas.DataFrame({'a': [1, 2]}).sum().iloc[0])
# output: ["True True", "{'r-xp'}", "True 3"]
