declare module 'jsdom' {
  /** What charts need of a page's element. */
  interface PageElement {
    readonly attributes: Iterable<{ readonly name: string; value: string }>;
    readonly outerHTML: string;
    readonly textContent: string | null;
    getAttribute(name: string): string | null;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
    remove(): void;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
  }

  /** A page without a browser. Declared here, since its own types bring those of a browser into every file. */
  export class JSDOM {
    constructor(html?: string);
    readonly window: { readonly document: PageElement };
  }
}
