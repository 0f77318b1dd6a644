declare module 'baboon-image-uri' {
  /** `data:image/png;base64,...` */
  const uri: string;
  export default uri;
}
