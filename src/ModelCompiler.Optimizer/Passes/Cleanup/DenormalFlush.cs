using System.Collections.Frozen;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Weights w with 0 &lt; |w| &lt; the smallest normal number become 0 of the same sign: arithmetic on denormals runs 10 to 35 times slower, and in a sum
/// of products they are below rounding. Only constants that are nothing but weights: an epsilon in a divisor stays, and so does float16, whose
/// denormals are numbers of everyday size.
/// </summary>
public sealed class DenormalFlush : IPass
{
    private const int PieceBytes = 64 << 10;

    // Tensors do not change, so what was looked through once needs no second look in a later round.
    private static readonly ConditionalWeakTable<Tensor, object> Clean = [];

    /// <summary>Per operator, the inputs that are weights.</summary>
    private static readonly FrozenDictionary<string, int[]> Weights = new Dictionary<string, int[]>
    {
        ["Conv"] = [1, 2],
        ["ConvTranspose"] = [1, 2],
        ["MatMul"] = [0, 1],
        ["Gemm"] = [0, 1, 2],
        ["LSTM"] = [1, 2, 3, 7],
        ["GRU"] = [1, 2, 3],
        ["RNN"] = [1, 2, 3],
        ["BatchNormalization"] = [1, 2, 3],
    }.ToFrozenDictionary();

    /// <inheritdoc/>
    public string Name => "denormal-flush";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        var graphs = context.Graph.AllNodes().SelectMany(node => node.Subgraphs).Prepend(context.Graph);
        foreach (Value value in graphs.SelectMany(graph => graph.Initializers).ToList())
        {
            if (context.IsExhausted) return;
            if (!IsWeight(value) || Clean.TryGetValue(value.Initializer!, out _)) continue;
            Tensor flushed = Flush(value.Initializer!, out long count);
            Clean.AddOrUpdate(flushed, flushed);
            if (count == 0) continue;
            value.Graph.SetInitializer(value, flushed);
            context.Changed(value.Name, $"{count} of {flushed.ElementCount} weights were denormal");
        }
    }

    private static bool IsWeight(Value value) => !value.IsOutput && value.Uses.All(use =>
        use.Node.Domain.Length == 0 && Weights.TryGetValue(use.Node.OpType, out int[]? inputs) && inputs.Contains(use.Index));

    /// <summary>The tensor itself where it has no denormal.</summary>
    private static Tensor Flush(Tensor tensor, out long count) => tensor.ElementType switch
    {
        ElementType.Float => Flush<uint>(tensor, 0x7F80_0000, 0x8000_0000, out count),
        ElementType.Double => Flush<ulong>(tensor, 0x7FF0_0000_0000_0000, 0x8000_0000_0000_0000, out count),
        _ => Nothing(tensor, out count),
    };

    private static Tensor Nothing(Tensor tensor, out long count)
    {
        count = 0;
        return tensor;
    }

    /// <summary>A number is denormal if its exponent bits are 0 and its fraction is not.</summary>
    private static Tensor Flush<T>(Tensor tensor, T exponent, T sign, out long count) where T : unmanaged, IBinaryInteger<T>
    {
        count = Count(tensor.Data, exponent, sign);
        if (count == 0) return tensor;
        byte[] bytes = tensor.Bytes.ToArray();
        Span<T> target = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < target.Length; i++)
            if ((target[i] & exponent) == T.Zero) target[i] &= sign;
        return new Tensor(tensor.ElementType, tensor.Dims, bytes);
    }

    /// <summary>Piece by piece: most weights have none, and need not be in memory at once to see that.</summary>
    private static long Count<T>(TensorData data, T exponent, T sign) where T : unmanaged, IBinaryInteger<T>
    {
        long count = 0;
        byte[] buffer = new byte[Math.Min(data.Length, PieceBytes)];
        for (long start = 0; start < data.Length; start += PieceBytes)
        {
            Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, data.Length - start));
            data.Read(start, piece);
            foreach (T bits in MemoryMarshal.Cast<byte, T>(piece))
                if ((bits & exponent) == T.Zero && (bits & ~sign) != T.Zero) count++;
        }
        return count;
    }
}
