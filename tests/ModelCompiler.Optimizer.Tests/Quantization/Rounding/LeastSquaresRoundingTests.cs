using ModelCompiler.Optimizer.Quantization.Rounding;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Rounding;

public sealed class LeastSquaresRoundingTests
{
    [Fact]
    public void It_comes_near_the_best_of_all_roundings()
    {
        const int Depth = 10;
        double nearest = 0, found = 0, best = 0;
        for (int seed = 1; seed <= 50; seed++)
        {
            var problem = new Problem(seed, Depth, step: 0.3f, largest: 100);
            float[] rounded = problem.Nearest();
            nearest += problem.Error(rounded);
            float[] lowest = [.. problem.Weights.Select(w => MathF.Floor(w / problem.Step))], highest = [.. lowest.Select(low => low + 1)];
            LeastSquaresRounding.Improve(problem.Weights, problem.Steps, rounded, lowest, highest, problem.Form);
            Assert.All(rounded, (integer, k) => Assert.InRange(integer, lowest[k], highest[k]));
            found += problem.Error(rounded);
            best += Enumerable.Range(0, 1 << Depth).Min(choice => problem.Error([.. lowest.Select((low, k) => low + (choice >> k & 1))]));
        }
        Assert.InRange(found, best, nearest);
        Assert.True(found - best < 0.2 * (nearest - best), $"nearest {nearest}, found {found}, best {best}");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(127)]
    public void It_loses_less_than_GPTQ(int largest)
    {
        double nearest = 0, found = 0, reference = 0;
        for (int seed = 1; seed <= 20; seed++)
        {
            var problem = new Problem(seed, 48, step: 3f / largest, largest);
            float[] rounded = problem.Nearest(), limits = [.. problem.Weights.Select(_ => (float)largest)];
            nearest += problem.Error(rounded);
            LeastSquaresRounding.Improve(problem.Weights, problem.Steps, rounded, [.. limits.Select(limit => -limit)], limits, problem.Form);
            found += problem.Error(rounded);
            reference += problem.Error(problem.Gptq());
        }
        Assert.True(found < reference && reference < nearest, $"nearest {nearest}, GPTQ {reference}, found {found}");
    }

    /// <summary>Weights that meet correlated inputs, as behind a layer with fewer channels.</summary>
    private sealed class Problem
    {
        private readonly int _depth, _largest;

        public Problem(int seed, int depth, float step, int largest)
        {
            (_depth, _largest, Step) = (depth, largest, step);
            Weights = TestTensors.Normal(seed, depth).Floats();
            float[] mixing = TestTensors.Normal(seed + 1000, depth, depth).Floats(), sources = TestTensors.Normal(seed + 2000, 200, depth).Floats();
            var gram = new InputGram(1, depth);
            var x = new float[depth];
            for (int sample = 0; sample < 200; sample++)
            {
                for (int k = 0; k < depth; k++)
                    x[k] = Math.Max(0, sources[sample * depth + k] + Enumerable.Range(0, depth).Sum(j => 0.2f * mixing[k * depth + j] * sources[sample * depth + j]));
                gram.Add(0, x);
            }
            Form = gram.Form(0, isCentered: false)!;
        }

        public float Step { get; }

        public float[] Weights { get; }

        public float[] Steps => [.. Weights.Select(_ => Step)];

        public QuadraticForm Form { get; }

        public float[] Nearest() => [.. Weights.Select(w => Math.Clamp(MathF.Round(w / Step), -_largest, _largest))];

        public double Error(float[] integers)
        {
            double sum = 0;
            for (int k = 0; k < _depth; k++)
                for (int j = 0; j < _depth; j++) sum += (Step * integers[k] - Weights[k]) * (double)Form.Matrix[k * _depth + j] * (Step * integers[j] - Weights[j]);
            return sum;
        }

        /// <summary>Frantar et al. 2022, algorithm 1 with blocks of one, on the inverse itself, from which each weight is taken out once it is rounded.</summary>
        public float[] Gptq()
        {
            double[,] inverse = Inverse();
            double[] weights = [.. Weights.Select(w => (double)w)];
            var integers = new float[_depth];
            for (int k = 0; k < _depth; k++)
            {
                integers[k] = Math.Clamp((float)Math.Round(weights[k] / Step), -_largest, _largest);
                double error = (weights[k] - Step * integers[k]) / inverse[k, k];
                double[] row = [.. Enumerable.Range(0, _depth).Select(j => inverse[k, j])];
                for (int j = k; j < _depth; j++) weights[j] -= error * row[j];
                for (int i = k + 1; i < _depth; i++)
                    for (int j = k + 1; j < _depth; j++) inverse[i, j] -= row[i] * row[j] / row[k];
            }
            return integers;
        }

        /// <summary>Gauss and Jordan; the matrix is positive definite.</summary>
        private double[,] Inverse()
        {
            var a = new double[_depth, 2 * _depth];
            for (int i = 0; i < _depth; i++)
            {
                for (int j = 0; j < _depth; j++) a[i, j] = Form.Matrix[i * _depth + j];
                a[i, _depth + i] = 1;
            }
            for (int pivot = 0; pivot < _depth; pivot++)
            {
                double scale = a[pivot, pivot];
                for (int j = 0; j < 2 * _depth; j++) a[pivot, j] /= scale;
                for (int i = 0; i < _depth; i++)
                {
                    double factor = a[i, pivot];
                    for (int j = 0; i != pivot && j < 2 * _depth; j++) a[i, j] -= factor * a[pivot, j];
                }
            }
            var inverse = new double[_depth, _depth];
            for (int i = 0; i < _depth; i++)
                for (int j = 0; j < _depth; j++) inverse[i, j] = a[i, _depth + j];
            return inverse;
        }
    }
}
