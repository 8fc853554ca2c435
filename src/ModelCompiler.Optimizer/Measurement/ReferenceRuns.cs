using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>What a model answered on batches that come again, as far as it fits into the memory allowed: the rest is run anew.</summary>
/// <param name="limit">Bytes to keep, with eight for each element.</param>
public sealed class ReferenceRuns(long limit)
{
    private readonly Dictionary<(int Batch, string Outputs), TensorBuffer[][]> _kept = [];
    private long _bytes;

    /// <summary>The outputs on a batch, the tensors of each, which has the same contents whenever it is asked for by this number.</summary>
    public TensorBuffer[][] Of(int batch, string[] outputs, Func<TensorBuffer[][]> run)
    {
        var key = (batch, string.Join('\n', outputs));
        if (_kept.TryGetValue(key, out TensorBuffer[][]? kept)) return kept;
        TensorBuffer[][] results = run();
        long bytes = results.Sum(tensors => tensors.Sum(tensor => tensor.Length * sizeof(double)));
        if (_bytes + bytes > limit) return results;
        _bytes += bytes;
        _kept.Add(key, results);
        return results;
    }
}
