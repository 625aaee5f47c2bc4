/** `everycore/image`: Image and the image kernels. */
export { Image, type ImageLike } from './image/image';
