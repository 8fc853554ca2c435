using ModelCompiler.Optimizer.Measurement;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public class BalancedOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    public void Has_each_follow_each_other_one_equally_often(int count)
    {
        int rounds = count % 2 == 0 ? count : 2 * count;
        var follows = new int[count, count];
        for (int round = 0; round < rounds; round++)
        {
            int[] order = BalancedOrder.Of(count, round);
            Assert.Equal(Enumerable.Range(0, count), order.Order());
            for (int place = 1; place < count; place++) follows[order[place - 1], order[place]]++;
        }
        for (int a = 0; a < count; a++)
            for (int b = 0; b < count; b++) Assert.Equal(a == b ? 0 : rounds / count, follows[a, b]);
    }
}
