import { fileName } from '../study/names.ts';

/** The base name of the files that belong to a study as a whole: `<name>.txt`, `logs/<name>.log`. */
export function studyFileName(study: string): string {
  return fileName(study);
}

/** A study directory's name, `<name>_<YYYYmmdd-HHMMSS>` in local time: sorted, a study's runs are in order. */
export function studyDirectoryName(study: string, at: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `${fileName(study)}_${day}-${time}`;
}
