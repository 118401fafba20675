// Who may call from here, and how a number is written for people.

export const WITHHELD = "anonymous";

// Numbers reserved for examples; the first two are known by name to the example center.
export const CALLERS = [
  { name: "Maria Lopez", line: "+14155550123" },
  { name: "Jignesh Modi", line: "+919898000111" },
  { name: "A stranger in London", line: "+442079460958" },
  { name: "A withheld number", line: WITHHELD },
];

const GROUPS = [
  [/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4"],
  [/^(\+91)(\d{5})(\d{5})$/, "$1 $2 $3"],
  [/^(\+44)(\d{2})(\d{4})(\d{4})$/, "$1 $2 $3 $4"],
];

/** `+14155550123` as `+1 415 555 0123`; what is no number stays as it is. */
export function pretty(line) {
  const [pattern, form] = GROUPS.find(([known]) => known.test(line)) ?? [/$^/, ""];
  return line === WITHHELD ? "a withheld number" : line.replace(pattern, form);
}

/** What was typed, as a number: without spaces, brackets and dashes. */
export const plain = (typed) => typed.replace(/[\s().-]/g, "");

export const isNumber = (line) => /^\+[1-9]\d{6,14}$/.test(line);
