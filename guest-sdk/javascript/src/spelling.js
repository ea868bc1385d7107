// Names that were meant for others.

/** What Docker Compose and others call these. */
const ELSEWHERE = new Map([
  ["buildfrom", "build"],
  ["cmd", "command"],
  ["dependson", "dependencies"],
  ["environment", "env"],
  ["isready", "ping"],
  ["memlimit", "memoryLimitMib"],
  ["onready", "postStartInit"],
  ["poststart", "postStartInit"],
  ["restart", "restartPolicy"],
  ["shmsize", "sharedMemoryMib"],
  ["stopgraceperiod", "stopTimeoutMs"],
  ["stoptimeout", "stopTimeoutMs"],
  ["workingdir", "workingDirectory"],
]);

/** How much of a name may be written otherwise. */
const DIFFERENT = 1 / 3;

/** That there is nothing of this name, and what may have been meant. */
export function unknown(name, names) {
  const plain = simplified(name);
  const known = ELSEWHERE.get(plain);
  const meant = names.includes(known) ? known : nearest(plain, names);
  return meant === undefined ? `there is no \`${name}\`` : `there is no \`${name}\`: did you mean \`${meant}\`?`;
}

function nearest(plain, names) {
  const distances = names.map((name) => ({ name, distance: distance(plain, simplified(name)) }));
  const [first] = distances.sort((one, other) => one.distance - other.distance);
  return first !== undefined && first.distance <= plain.length * DIFFERENT ? first.name : undefined;
}

function simplified(name) {
  return name.replace(/[_-]/g, "").toLowerCase();
}

/** How many characters have to be put in, left out or changed. */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [before, character] of [...one].entries()) {
    const next = [before + 1];
    for (let at = 0; at < other.length; at++) {
      const changed = row[at] + (character === other[at] ? 0 : 1);
      next.push(Math.min(changed, row[at + 1] + 1, next[at] + 1));
    }
    row = next;
  }
  return row.at(-1);
}
