using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

public sealed class DynamicPlacementTests
{
    private static readonly CompileOptions Options = new() { Precision = Precision.Int8Dynamic };

    /// <summary>Many numbers that are converted for few columns: slower without VNNI, faster with it, so that what ships is what was measured here, told and repeated.</summary>
    [Fact]
    public void What_was_measured_ships_is_told_and_repeats()
    {
        CompileResult result = Compile(Long(), Options);
        Assert.Equal(result.Plan.StaysInFloat ? ["MatMul"] : ["DynamicQuantizeLinear", "MatMulIntegerToFloat"], result.Model.Graph.Operators());
        Assert.Equal(result.Plan.StaysInFloat, result.Warnings.Any(warning => warning.Code == "OM4006"));

        CompileResult again = Compile(Long(), Options with { Plan = result.Plan });
        Assert.Equal(OnnxWriter.ToBytes(result.Model), OnnxWriter.ToBytes(again.Model));
    }

    /// <summary>A plan that says so ships floating point, as Float32 makes it.</summary>
    [Fact]
    public void What_a_plan_leaves_in_float_is_what_float32_ships()
    {
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Choices = new Dictionary<string, string> { [CompilationPlan.ComputesWith] = CompilationPlan.Float } };
        CompileResult result = Compile(Long(), Options with { Plan = plan });
        Assert.True(result.Plan.StaysInFloat);
        Assert.Equal(OnnxWriter.ToBytes(Compile(Long(), new CompileOptions { MeasureLatency = false }).Model), OnnxWriter.ToBytes(result.Model));
    }

    [Fact]
    public void What_is_not_timed_is_not_put_back()
    {
        CompileResult result = Compile(Long(), Options with { MeasureLatency = false });
        Assert.Equal(["DynamicQuantizeLinear", "MatMulIntegerToFloat"], result.Model.Graph.Operators());
    }

    /// <summary>Beside large products, small ones alone are put back; the plan tells which, and why.</summary>
    [Fact]
    public void A_plan_repeats_which_products_are_faster_in_float()
    {
        string slow = Long().Graph.Outputs[0].Name;
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Layers = new Dictionary<string, string> { [slow] = CompilationPlan.FloatForSpeed } };
        CompileResult result = Compile(Long(), Options with { Plan = plan });
        Assert.Equal(["MatMul"], result.Model.Graph.Operators());
        Assert.Equal(plan.Layers, result.Plan.Layers);
    }

    /// <summary>Stand-ins of certain speed for what would be compiled: twenty products more, or none.</summary>
    /// <param name="isWholeSlow">Whether everything on integers is slower than floating point.</param>
    /// <param name="isRestSlow">Whether it still is with the small product in floating point.</param>
    /// <param name="inFloat">How many products go back; null where floating point ships.</param>
    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 1)]
    [InlineData(true, true, null)]
    public void Small_products_go_back_first_and_all_where_that_is_not_enough(bool isWholeSlow, bool isRestSlow, int? inFloat)
    {
        Model model = Products(("small", 128), ("large", 1024));
        using var source = new SourceModel(model);
        var job = new CompilationJob { Passes = new PassContext(model, Options.Target), Given = source, Options = Options, Cancellation = TestContext.Current.CancellationToken };
        using var placement = new DynamicPlacement(job, model, MadeUpSamples.Create(source.Session, model.Graph, job.Cancellation)!);
        CompiledModel whole = Of(isWholeSlow);
        using ModelImage image = whole.Image;
        var asked = new List<string>();

        IReadOnlySet<string>? slow = placement.Slow(whole, layers =>
        {
            asked.AddRange(layers);
            return Of(isRestSlow);
        });

        Assert.Equal(inFloat, slow?.Count);
        Assert.Equal(isWholeSlow ? ["small"] : [], asked);
        if (inFloat > 0) Assert.Contains("small", slow!);

        static CompiledModel Of(bool isSlow)
        {
            Model standIn = isSlow ? Products([.. Enumerable.Range(0, 20).Select(i => ($"y{i}", 1024))]) : Products();
            return new CompiledModel(standIn, ModelImage.Of(standIn), [], null) { Plan = new CompilationPlan { Precision = Precision.Int8Dynamic } };
        }
    }

    private static CompileResult Compile(Model model, CompileOptions options) => Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);

    private static Model Long()
    {
        var b = new GraphBuilder();
        return b.Output("y", b.Op("MatMul", b.Input("x", 8, 16384), b.Weights(1, 16384, 4))).Model;
    }

    /// <summary>Products of one x with 512 × columns weights, and its Relu.</summary>
    private static Model Products(params (string Name, int Columns)[] products)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 8, 512);
        b.Output("r", b.Op("Relu", x));
        foreach (var (name, columns) in products) b.Output(name, b.Op("MatMul", x, b.Weights(columns, 512, columns)));
        return b.Model;
    }
}
