using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Which layers are put back first where a budget does not hold.</summary>
public sealed class DamageRankingTests
{
    [Fact]
    public void Few_layers_are_measured_one_by_one()
    {
        double[] damages = [3, 1, 0, 7, 5];
        List<int> sizes = [];

        IReadOnlyList<string> ranking = DamageRanking.Of(Names(damages.Length), names => Sum(damages, names, sizes));

        Assert.Equal(["3", "4", "0", "1", "2"], ranking);
        Assert.All(sizes, size => Assert.Equal(1, size));
    }

    [Fact]
    public void Of_many_the_worst_are_found_by_halves()
    {
        double[] damages = [.. Enumerable.Repeat(0.001, 300)];
        (damages[17], damages[18], damages[250]) = (2, 3, 1);
        List<int> sizes = [];

        IReadOnlyList<string> ranking = DamageRanking.Of(Names(damages.Length), names => Sum(damages, names, sizes));

        Assert.Equal(["18", "17", "250"], ranking.Take(3));
        Assert.Equal(Names(damages.Length), ranking.OrderBy(name => int.Parse(name, CultureInfo.InvariantCulture)));
        Assert.InRange(sizes.Count, 1, DamageRanking.Measurements);
    }

    [Fact]
    public void What_is_ruined_counts_and_what_has_nothing_to_rank_is_not_run()
    {
        Assert.Equal(["1", "0"], DamageRanking.Of(Names(2), names => names[0] == "1" ? double.PositiveInfinity : 1));
        Assert.Equal(["0"], DamageRanking.Of(Names(1), _ => throw new InvalidOperationException()));
        Assert.Empty(DamageRanking.Of([], _ => throw new InvalidOperationException()));
    }

    /// <summary>
    /// A layer that is mostly noise where it stands, and one that is nearly exact, but a thousand times as much of the answer: to keep that one in float is enough.
    /// </summary>
    [Fact]
    public void A_budget_keeps_the_layer_in_float_that_outputs_suffer_from()
    {
        const int Width = 64, Samples = 64;
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), Width);
        Value main = Named(b.Op("MatMul", x, b.Weights(1, Width, Width)), "main"), beside = Named(b.Op("MatMul", b.Op("Tanh", b.Op("Add", x, b.Scalar(10f))), b.Weights(2, Width, Width)), "beside");
        Value y = b.Op("Add", main, b.Op("Mul", b.Op("Tanh", beside), b.Scalar(1e-3f)));
        Model model = b.Output("y", b.Op("ReduceMean", [y], new NodeAttribute("axes", [1L]), new NodeAttribute("keepdims", 1L))).Model;
        using var folder = new Workspace();
        string samples = folder.Write("x.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(TestTensors.Normal(7, Samples, Width).Floats(), Samples, Width))));
        CompileResult free = Compile(null);
        Assert.InRange(free.Agreement!.Outputs[0].SqnrDb, 10, 60);

        CompileResult held = Compile(100 * Math.Pow(10, -(free.Agreement.Outputs[0].SqnrDb + 3) / 10));

        Assert.Equal(["main"], held.Plan.Layers.Keys);
        Assert.Equal(1, held.QuantizedNodes);

        Value Named(Value value, string name)
        {
            b.Graph.Rename(value, name);
            return value;
        }

        CompileResult Compile(double? drop) => Compiler.Compile(
            model, new CompileOptions { Precision = Precision.Int8, CalibrationPath = samples, MeasureLatency = false, MaxAccuracyDrop = drop }, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    private static double Sum(double[] damages, IReadOnlyList<string> names, List<int> sizes)
    {
        sizes.Add(names.Count);
        return names.Sum(name => damages[int.Parse(name, CultureInfo.InvariantCulture)]);
    }
}
