/** Tells the images of a layout or archive apart, for messages. */
import { partName, type FormName } from "../image/index-entries.ts";

export interface Labelled {
  /** The image's name and tag; "" if unknown. */
  name: string;
  /** Such as `linux/amd64`; "" if unknown. */
  platform: string;
  form: FormName;
}

/** The name of each image, with its platform and form if other images of the name have other ones; "" if nothing is known. */
export function labelsOf(images: readonly Labelled[]): string[] {
  return images.map(({ name, platform, form }) => {
    const namesakes = images.filter((other) => other.name === name);
    const hasPlatforms = namesakes.some((other) => other.platform !== platform);
    const hasForms = namesakes.some((other) => other.platform === platform && other.form !== form);
    const shownPlatform = hasPlatforms ? platform : "";
    const part = hasForms ? partName(shownPlatform, form) : shownPlatform;
    return [name, part].filter((text) => text !== "").join(", ");
  });
}
