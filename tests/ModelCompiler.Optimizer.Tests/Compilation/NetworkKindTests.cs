using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Every kind of network through every precision: it compiles, keeps its signature, and answers as before up to the bits that were taken.</summary>
public sealed class NetworkKindTests : IDisposable
{
    private readonly Workspace _folder = new();

    public static TheoryData<string> Names => [.. NetworkKinds.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_precision_compiles_it_and_keeps_signature_and_answers(string name)
    {
        Model model = NetworkKinds.All[name]();
        string samples = SampleFolder.Write(_folder, model);
        foreach ((Precision precision, double cosine) in ((Precision, double)[])[(Precision.Int8, 0.998), (Precision.Int8Dynamic, 0.998), (Precision.Int4, 0.97), (Precision.Float16, 0.99999), (Precision.Mixed, 0.998)])
        {
            CompileResult result = Compile(model, precision, samples);
            string fused = string.Join(", ", FusedGraph.Of(OnnxWriter.ToBytes(result.Model)).Operators.Select(o => $"{o.Value} {o.Key}"));
            TestContext.Current.TestOutputHelper?.WriteLine($"{precision}: {string.Join("; ", result.Agreement!.Outputs.Select(o => $"{o.Name} {o.Cosine:F5}"))} | {fused} | {string.Join("; ", result.Warnings)}");
            Assert.Equal(Signature(model), Signature(result.Model));
            Assert.All(result.Agreement!.Outputs, output => Assert.True(output.Cosine >= cosine, $"{precision}: cosine {output.Cosine} of {output.Name}"));
        }
    }

    public static TheoryData<long> Opsets => [.. Enumerable.Range(9, 14).Select(opset => (long)opset)];

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Each_precision_takes_every_operator_set(long opset)
    {
        Model model = NetworkKinds.InOpset(opset);
        string samples = SampleFolder.Write(_folder, model);
        foreach (Precision precision in Enum.GetValues<Precision>().Where(precision => precision != Precision.Auto))
        {
            CompileResult result = Compile(model, precision, samples);
            Assert.True(result.Agreement!.Outputs[0].Cosine >= 0.99, $"{precision}: {result.Agreement.Outputs[0].Cosine}");
            bool isInteger = precision is Precision.Int8 or Precision.Int8Dynamic or Precision.Int4 or Precision.Mixed;
            Assert.True(result.QuantizedNodes > 0 == isInteger, $"{precision}: {result.QuantizedNodes} products on integers, {string.Join("; ", result.Warnings)}");
        }
    }

    [Fact]
    public void Weights_of_rank_3_run_on_integers()
    {
        Model model = NetworkKinds.All["weights of rank 3"]();
        string samples = SampleFolder.Write(_folder, model);
        Assert.All((Precision[])[Precision.Int8, Precision.Int4], precision => Assert.Equal((2, 0), Products(Compile(model, precision, samples))));
    }

    [Theory]
    [InlineData("a GRU", Precision.Int8Dynamic, "only LSTM has an integer kernel")]
    [InlineData("a GRU", Precision.Int8, "only LSTM has an integer kernel")]
    [InlineData("a GRU", Precision.Int4, "takes weights in blocks")]
    [InlineData("several matrices of weights", Precision.Int8Dynamic, "rank 3")]
    [InlineData("Gemm with both factors transposed", Precision.Int8Dynamic, "its first factor is transposed")]
    public void What_stays_in_float_is_told_with_the_reason(string name, Precision precision, string reason)
    {
        Model model = NetworkKinds.All[name]();
        CompileResult result = Compile(model, precision, SampleFolder.Write(_folder, model));
        Assert.Contains(result.Events, e => e.Text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Static_int8_takes_recurrent_layers_and_tables_along()
    {
        Model model = NetworkKinds.All["a table in front of an LSTM"]();
        string samples = SampleFolder.Write(_folder, model);

        CompileResult result = Compile(model, Precision.Int8, samples);

        Assert.Equal(1, FusedGraph.Of(OnnxWriter.ToBytes(result.Model)).Operators["DynamicQuantizeLSTM"]);
        Assert.True(OnnxWriter.WeightBytes(result.Model) < 0.3 * OnnxWriter.WeightBytes(model));
        string layer = result.Model.Graph.Nodes.Single(node => node.OpType == "DynamicQuantizeLSTM").Outputs[0].Name;
        CompilationPlan inFloat = result.Plan with { Layers = new Dictionary<string, string> { [layer] = CompilationPlan.Float } };
        CompileResult followed = Compiler.Compile(
            model.Clone(), new CompileOptions { Precision = Precision.Int8, CalibrationPath = samples, MeasureLatency = false, Plan = inFloat }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(followed.Model.Graph.Nodes, node => node.Is("LSTM"));
        Assert.True(followed.Agreement!.Outputs[0].SqnrDb > result.Agreement!.Outputs[0].SqnrDb);
    }

    [Fact]
    public void One_sample_is_enough()
    {
        Model model = NetworkKinds.All["a hard-swish, a SiLU and a gate"]();
        CompileResult result = Compile(model, Precision.Int8, SampleFolder.Write(_folder, model, count: 1));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.998, 1);
    }

    [Fact]
    public void Samples_may_differ_in_length()
    {
        Model model = NetworkKinds.All["tokens, mask and numbers"]();
        CompileResult result = Compile(model, Precision.Int8, SampleFolder.Write(_folder, model, open: i => 1 + 3 * i));
        Assert.Equal((2, 0), Products(result));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.998, 1);
    }

    [Fact]
    public void A_cache_may_begin_empty()
    {
        Model model = NetworkKinds.All["a decoder with a cache"]();
        CompileResult result = Compile(model, Precision.Int8, SampleFolder.Write(_folder, model, open: i => i));
        Assert.All(result.Agreement!.Outputs, output => Assert.InRange(output.Cosine, 0.998, 1));
    }

    [Fact]
    public void Numbers_of_a_very_large_size_do_not_overflow_the_scales()
    {
        Model model = NetworkKinds.Huge();
        CompileResult result = Compile(model, Precision.Int8, SampleFolder.Write(_folder, model));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.998, 1);
    }

    private static CompileResult Compile(Model model, Precision precision, string? samples) => Compiler.Compile(
        model.Clone(), new CompileOptions { Precision = precision, CalibrationPath = samples, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

    private static (int, int) Products(CompileResult result) => (result.QuantizedNodes, result.FloatNodes);

    private static string[] Signature(Model model)
    {
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(model));
        return [.. session.Inputs.Concat(session.Outputs).Select(info => info.ToString()!)];
    }
}
