using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class CastChainsTests
{
    private static readonly CastChains Pass = new();

    private static readonly ElementType[] Numbers =
    [
        ElementType.Bool, ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int16, ElementType.UInt32, ElementType.Int32,
        ElementType.UInt64, ElementType.Int64, ElementType.Float16, ElementType.Float, ElementType.Double,
    ];

    private static Model Build(ElementType from, ElementType middle, ElementType to)
    {
        var b = new GraphBuilder();
        Value inner = b.Op("Cast", [b.Input("x", from, 64)], new NodeAttribute("to", (long)middle));
        return b.Output("y", b.Op("Cast", [inner], new NodeAttribute("to", (long)to))).Model;
    }

    /// <summary>Every triple of types: what is merged must give the same bits on random values of the whole range.</summary>
    [Fact]
    public void Merges_only_where_every_bit_stays()
    {
        int merged = 0;
        foreach (ElementType from in Numbers)
        {
            var feeds = new Dictionary<string, Tensor> { ["x"] = Whole(from) };
            foreach (ElementType middle in Numbers)
            {
                foreach (ElementType to in Numbers)
                {
                    Model model = Build(from, middle, to);
                    if (GraphAssert.Apply(Pass, model).ChangeCount == 0) continue;
                    merged++;
                    BitExact.SameAnswers(Build(from, middle, to), model, feeds, $"{from} to {middle} to {to}:");
                }
            }
        }
        Assert.InRange(merged, 200, 1000);
    }

    [Theory]
    [InlineData(ElementType.Float, ElementType.Float16, ElementType.Float, "may round")]
    [InlineData(ElementType.Int64, ElementType.Float, ElementType.Int64, "may round")]
    [InlineData(ElementType.Int32, ElementType.UInt32, ElementType.Int32, "may round")]
    [InlineData(ElementType.Float, ElementType.Double, ElementType.Int32, "does not hold")]
    [InlineData(ElementType.UInt8, ElementType.Float, ElementType.Int8, "does not hold")]
    public void Refuses_what_rounds_or_overflows(ElementType from, ElementType middle, ElementType to, string reason) =>
        GraphAssert.Refuses(Pass, Build(from, middle, to), reason);

    [Theory]
    [InlineData(ElementType.Float16, ElementType.Float, ElementType.Float16)]
    [InlineData(ElementType.Int32, ElementType.Int64, ElementType.Int32)]
    [InlineData(ElementType.Int64, ElementType.Int64, ElementType.Float)]
    [InlineData(ElementType.Bool, ElementType.Float, ElementType.Bool)]
    public void Merges_there_and_back(ElementType from, ElementType middle, ElementType to)
    {
        Model model = Build(from, middle, to);
        Assert.Equal(1, GraphAssert.Apply(Pass, model).ChangeCount);
        Assert.Same(model.Graph.Inputs.Single(), model.Graph.Outputs.Single().Producer!.Input(0));
        GraphAssert.SecondRunChangesNothing(Pass, model);
    }

    [Theory]
    [InlineData(ElementType.Float, ElementType.Float16, true)]
    [InlineData(ElementType.Float, ElementType.BFloat16, true)]
    [InlineData(ElementType.Float16, ElementType.BFloat16, false)]
    [InlineData(ElementType.BFloat16, ElementType.Float16, false)]
    [InlineData(ElementType.Float, ElementType.Int32, false)]
    [InlineData(ElementType.Float, ElementType.UInt16, true)]
    [InlineData(ElementType.BFloat16, ElementType.Int8, true)]
    [InlineData(ElementType.Int8, ElementType.UInt8, false)]
    [InlineData(ElementType.String, ElementType.Bool, false)]
    public void Knows_which_types_hold_which(ElementType outer, ElementType inner, bool holds) => Assert.Equal(holds, NumberRange.Holds(outer, inner));

    /// <summary>Bytes as they come, and the special floats.</summary>
    private static Tensor Whole(ElementType type) => type switch
    {
        ElementType.Float => TestTensors.Special(64),
        ElementType.Double => Tensor.Vector<double>([.. TestTensors.Special(64).Floats().Select(f => (double)f)]),
        ElementType.Float16 => Tensor.Vector<Half>([.. TestTensors.Special(64).Floats().Select(f => (Half)f)]),
        ElementType.Bool => TestTensors.Random(type, 1, 64),
        _ => new Tensor(type, [64], TestTensors.Random(ElementType.UInt8, 1, type.ByteSize(64)).Bytes.ToArray()),
    };
}
