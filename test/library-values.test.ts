/** Images, matrices and pipelines keep their class on their way to workers and back. */
import { Pool, SerializationError, ThreadPool } from 'everycore';
import { Image, pipeline, resize } from 'everycore/image';
import { Matrix, MatrixStack } from 'everycore/matrix';
import { afterAll, describe, expect, test } from 'vitest';

const image = Image.from({ data: Uint8Array.from({ length: 24 }, (_, i) => i), width: 4, height: 2, channels: 3 });

for (const Workers of [Pool, ThreadPool]) {
  describe(Workers.name, () => {
    const pool = new Workers(1);
    afterAll(() => pool.terminate());
    const back = <T>(value: T): Promise<T> => Promise.resolve(pool.apply((x: T) => x, [value]));

    test('an Image, a part of one, and one of floats', async () => {
      for (const sent of [image, image.view(1, 0, 2, 2), Image.alloc(3, 2, 4, 'f32')]) {
        const came = await back(sent);
        expect(came).toBeInstanceOf(Image);
        expect(came).toEqual(sent);
      }
      expect((await back([{ deep: image }]))[0].deep).toBeInstanceOf(Image);
    });

    test('the function gets one, too', async () => {
      const half = (picture: Image) => {
        const { width, height } = picture;
        const smaller = new (picture.constructor as typeof Image)(new Uint8Array((width / 2) * (height / 2) * 3), width / 2, height / 2, 3);
        smaller.data[0] = picture.view(1, 1, 1, 1).data[0];
        return smaller;
      };
      const answers = await pool.map(half, [image, image]);
      for (const answer of answers) {
        expect(answer).toBeInstanceOf(Image);
        expect([answer.width, answer.height, answer.data[0]]).toEqual([2, 1, 15]);
      }
    });

    test('a Matrix and a MatrixStack', async () => {
      const matrix = Matrix.of(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3);
      const came = await back(matrix);
      expect(came).toBeInstanceOf(Matrix);
      expect(came).toEqual(matrix);
      const stack = new MatrixStack(Float32Array.of(1, 2, 3, 4), 2, 1, 2);
      expect(await back(stack)).toBeInstanceOf(MatrixStack);
      expect(await back(stack)).toEqual(stack);
    });

    test('a pipeline works where it comes', async () => {
      const over = Image.alloc(2, 1, 3);
      const steps = pipeline({ onError: 'return' })
        .composite({ over, x: 0, y: 0 })
        .resize({ width: 2 })
        .tee({ a: pipeline().invert(), b: pipeline().stats() });
      const came = await back(steps);
      expect(came.toJSON()).toEqual(steps.toJSON());
      const run = async (p: (source: Image) => Promise<{ a: Image }>, source: Image) => (await p(source)).a;
      const answer = await pool.apply(run, [steps as never, image]);
      expect(answer).toBeInstanceOf(Image);
      expect(answer).toEqual((await steps(image)).a);
    });

    test('a class of the same name is not taken for ours', async () => {
      class Matrix {
        rows = 7;
      }
      expect({ ...(await back(new Matrix())) }).toEqual({ rows: 7 });
    });

    test('functions among the steps do not travel, which the error says', async () => {
      await expect(back(pipeline().custom((x) => x))).rejects.toThrow(SerializationError);
      await expect(back(pipeline().custom((x) => x))).rejects.toThrow(/is a pipeline with a function among its steps \(custom, toFile\)/);
      await expect(back(resize({ width: 2 }))).rejects.toThrow(SerializationError);
    });
  });
}
