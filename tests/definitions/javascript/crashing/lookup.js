export function lookUp(key) {
  return tables.get(key).ready;
}

const tables = new Map();
